"""`python -m benchmarks.scoring.reloads [FILE]`: measures latency during model reloads."""

import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.scoring import latency
from benchmarks.scoring.contender_list import OURS
from benchmarks.scoring.latency import Latencies
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.warm import warm_up
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.process import run_main
from contract.settings import load
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.models.compile import compile_version
from training.settings import Estimator, TrainingSettings

ROOT = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "benchmarks" / "reloads.md"
LOG: Final = ROOT / ".intent" / "reloads.log"

RATE: Final = 10_000
POLL_INTERVAL: Final = 0.5
KINDS: Final[tuple[Estimator, ...]] = ("logistic", "random_forest")
RUNS: Final = 3
DURATION_FACTOR: Final = 3
"""Duration of a measurement in units of INTENT_BENCH_SECONDS: a version compiles in ten seconds."""

HEAD: Final = """# Latency during model reloads

One worker, {rate:,} records/s, {seconds:g} s a measurement, from a record's creation to a
read-committed consumer having its prediction; generator, worker, consumer and broker on the same
machine; medians of {runs} runs.
Made by `python -m benchmarks.scoring.reloads`.

"""


@dataclass(frozen=True)
class Case:
    """How the alias changes during a measurement.

    Attributes:
        description: Row of the table.
        every: Seconds between two changes; 0 for none.
        clear_cache: Delete the cache of compiled models before each change.
    """

    description: str
    every: float = 0
    clear_cache: bool = False


@dataclass(frozen=True)
class ReloadLatencies:
    """Latencies of one run, and the number of reloads in the worker's log."""

    latencies: Latencies
    reloads: int


CASES: Final = (
    Case("no reload"),
    Case("a cached version every 2 s", 2),
    Case("a version to compile every 20 s", 20, clear_cache=True),
)


def main() -> None:
    """Trains a version of each kind, measures each case and writes the page."""
    configure_logs("WARNING")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="intent-bench-") as temporary:
        home = Path(temporary)
        cache = load(LocalSettings).cache_dir
        with LocalBroker(home / "broker", cache, home / "broker.log") as broker:
            settings = load(BenchSettings, data_dir=home, kafka_bootstrap=broker.bootstrap)
            _train(settings)
            seconds = DURATION_FACTOR * settings.bench_seconds
            warm_up(
                broker.process.pid,
                lambda: _measure(CASES[0], settings, settings.bench_seconds),
            )
            runs = [[_measure(case, settings, seconds) for case in CASES] for _ in range(RUNS)]
    text = HEAD.format(rate=RATE, seconds=seconds, runs=RUNS) + _table(runs)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    file.write_text(text, encoding="utf-8")


def _train(settings: BenchSettings) -> None:
    training = load(
        TrainingSettings, data_dir=settings.data_dir, kafka_bootstrap=settings.kafka_bootstrap
    )
    configure_libraries(training, prefect_log_level="CRITICAL")
    from training.steps import train_and_promote  # noqa: PLC0415  imports MLflow

    for kind in KINDS:
        train_and_promote(training.model_copy(update={"estimator": kind}))


def _measure(case: Case, settings: BenchSettings, seconds: float) -> ReloadLatencies:
    for number in range(len(KINDS)):
        compile_version(settings, str(number + 1))
    env = {"INTENT_MODEL_POLL_INTERVAL": str(POLL_INTERVAL), "INTENT_LOG_LEVEL": "INFO"}
    LOG.unlink(missing_ok=True)
    with _changing_alias(case, settings):
        latencies = latency.measure(replace(OURS, env=env), settings, RATE, seconds, LOG)
    return ReloadLatencies(latencies, LOG.read_text(encoding="utf-8").count("now serving version="))


@contextmanager
def _changing_alias(case: Case, settings: BenchSettings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_change_alias, args=(case, settings, stop.wait))
    if case.every:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if case.every:
            thread.join()


def _change_alias(case: Case, settings: BenchSettings, ended: Callable[[float], bool]) -> None:
    tables = settings.registry_uri.removeprefix("sqlite:///")
    for number in cycle(range(len(KINDS), 0, -1)):
        if ended(case.every):
            return
        if case.clear_cache:
            shutil.rmtree(settings.data_dir / "compiled", ignore_errors=True)
        with closing(sqlite3.connect(tables)) as opened, opened:  # MLflow would be too slow
            opened.execute(
                "UPDATE registered_model_aliases SET version = ? WHERE alias = 'champion'",
                (number,),
            )


def _table(runs: Sequence[Sequence[ReloadLatencies]]) -> str:
    heads = ("", "reloads per run", "p50, ms", "p99, ms", "p99.9, ms", "p99 relative")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    normal = _median(runs, 0, 99)
    for place, case in enumerate(CASES):
        reloads = median(run[place].reloads for run in runs)
        percentiles = " | ".join(
            f"{_median(runs, place, percent):.1f}" for percent in (50, 99, 99.9)
        )
        ratio = _median(runs, place, 99) / normal
        lines.append(f"| {case.description} | {reloads:g} | {percentiles} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def _median(runs: Sequence[Sequence[ReloadLatencies]], place: int, percent: float) -> float:
    return median(run[place].latencies.percentile(percent) for run in runs)


if __name__ == "__main__":
    run_main(main)
