"""`python -m benchmarks.monitoring [RECORDS]`: measures, and writes the page in docs/benchmarks."""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import page
from benchmarks.monitoring.backlog import fill
from contract import kafka
from contract.libraries import configure_libraries
from contract.process import run_main
from contract.settings import load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.network import free_ports
from intent.local.settings import LocalSettings
from monitoring.settings import MonitoringSettings
from training.settings import TrainingSettings

RECORDS: Final = 1_000_000
WINDOWS: Final = 10
RUNS: Final = 3


def main() -> None:
    """Measures on a broker of its own. RECORDS is the number of customers."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    with TemporaryDirectory(prefix="intent-bench-") as temporary:
        home = Path(temporary)
        training = load(TrainingSettings, data_dir=home)
        configure_libraries(training, prefect_log_level="CRITICAL")
        from training.steps import train_and_promote  # noqa: PLC0415  imports MLflow

        train_and_promote(training)
        with LocalBroker(
            home / "broker", load(LocalSettings).cache_dir, home / "broker.log"
        ) as broker:
            text = _measure(home, broker.bootstrap, count)
    page.put("benchmarks/monitoring.md", "python -m benchmarks.monitoring", text)


def _measure(home: Path, bootstrap: str, count: int) -> str:
    from benchmarks.monitoring import cost, reading  # noqa: PLC0415  imports Evidently
    from monitoring.reporting.reference import load_reference  # noqa: PLC0415

    settings = load(
        MonitoringSettings, data_dir=home, kafka_bootstrap=bootstrap, log_level="WARNING"
    )
    kafka.ensure_topics(settings, topics(settings))
    fill(settings, count, WINDOWS)
    speeds, reads = [], []
    for number in range(RUNS):
        (port,) = free_ports(settings.listen_host, 1)
        fresh = {
            "data_dir": home / f"run-{number}",
            "mlflow_uri": settings.registry_uri,
            "monitoring_group": f"run-{number}",
            "monitoring_port": port,
        }
        speeds.append(reading.read_with_bare_consumer(settings, 2 * count))
        run_settings = settings.model_copy(update=fresh)
        reads.append(reading.read_with_monitoring(run_settings, 2 * count, home / "monitoring.log"))
    per_second = median(read.per_second for read in reads)
    ratio = median(read.per_second / bare for read, bare in zip(reads, speeds, strict=True))
    lines = [
        f"{count:,} customers and their predictions in {WINDOWS} windows of a minute; medians of "
        f"{RUNS} runs, the two in turn.",
        "",
        "| | records/s | of the bare consumer |",
        "| --- | --- | --- |",
        f"| bare read-committed consumer | {median(speeds):,.0f} | 1 |",
        f"| monitoring, its reports included | {per_second:,.0f} | {ratio:.2f} |",
        "",
        f"Peak memory of the monitoring: {max(read.peak_memory for read in reads) / 2**20:,.0f} "
        "MiB, most of it the libraries.",
        "",
        "| rows of a window's sample | Evidently's report, ms | drift rule and estimate, ms |",
        "| --- | --- | --- |",
        *(
            f"| {each.rows:,} | {1000 * each.report:.0f} | {1000 * each.evaluation:.1f} |"
            for each in cost.measure_costs(load_reference(settings, "1").rows, home)
        ),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    run_main(main)
