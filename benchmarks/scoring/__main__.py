"""`python -m benchmarks.scoring [FOLDER]`: runs all benchmarks and writes the page."""

import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scoring import chart, page
from benchmarks.scoring.contender_list import check
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.suite import Suite
from contract.folders import writable_folder
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.model.version import version_folder
from contract.process import run_main
from contract.registry import MODEL_FILE
from contract.schema import CARS
from contract.settings import load
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.models.compiled import cache
from stream_app.models.initial_model import load_initial_model
from training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
LOG = ROOT / ".intent" / "benchmarks.log"
"""Output of the contenders."""


def main() -> None:
    """Starts a broker, trains a champion, measures, and writes to the folder."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs" / "benchmarks")
    configure_logs("INFO")
    writable_folder(LOG.parent)
    logging.getLogger("contract.kafka").setLevel(logging.WARNING)
    with TemporaryDirectory(prefix="intent-bench-") as temporary:
        home = Path(temporary)
        broker_cache = load(LocalSettings).cache_dir
        with LocalBroker(home / "broker", broker_cache, home / "broker.log") as broker:
            settings = load(BenchSettings, data_dir=home, kafka_bootstrap=broker.bootstrap)
            env = _champion(settings)
            check(settings, env)  # before minutes are spent
            suite = Suite(settings, broker.process.pid, env, LOG)
            results = suite.run()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page.text(results, settings), encoding="utf-8")
    chart.speeds(results, folder / "throughput.svg")
    chart.histogram(results, folder / "histogram.svg")
    chart.curve(results, folder / "latency.svg")


def _champion(settings: BenchSettings) -> dict[str, str]:
    """Trains a champion; returns the environment variables of the peers."""
    training = load(TrainingSettings, data_dir=settings.data_dir)
    configure_libraries(training, prefect_log_level="CRITICAL")
    from training.steps import train_and_promote  # noqa: PLC0415  imports MLflow

    train_and_promote(training)
    version = load_initial_model(settings).source  # compiles it
    return {
        "BENCH_COMPILED_MODEL": str(
            cache.compiled_file(
                settings.data_dir, str(version.sha256), version.rule.threshold, CARS
            )
        ),
        "BENCH_MODEL": str(version_folder(settings, version) / MODEL_FILE),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


if __name__ == "__main__":
    run_main(main)
