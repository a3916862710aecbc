"""`python -m monitoring`: windows the stream, reports drift and performance."""

# ruff: noqa: PLC0415  Evidently and MLflow read their variables when they are imported

import warnings
from pathlib import Path
from threading import Event

from contract import kafka, libraries, process
from contract.claim import claimed
from contract.settings import load
from contract.topics import topics
from monitoring.settings import MonitoringSettings

STUCK_AFTER = 60.0
"""Seconds without a turn of the main loop after which /healthz says so."""


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    settings = load(MonitoringSettings)
    process.configure_logs(settings.log_level)
    stop = process.stop_on_signal()
    libraries.prepare()
    folder = process.writable_folder(settings.home / "reports")
    process.check_port(settings.listen_host, settings.monitoring_port)
    kafka.check_broker(settings)
    with claimed(folder, "monitoring"):
        _monitor(settings, folder, stop)


def _monitor(settings: MonitoringSettings, folder: Path, stop: Event) -> None:
    from monitoring.alerts.outbox import outbox
    from monitoring.drift.tuning import Tuning
    from monitoring.metrics import MonitoringMetrics
    from monitoring.monitor import Monitor
    from monitoring.pages.page import application, serve
    from monitoring.pages.pulse import Pulse
    from monitoring.reports.archive import Archive
    from monitoring.reports.comparison import Comparison
    from monitoring.reports.index import Index
    from monitoring.reports.reference import References
    from monitoring.reports.reports import Desk, Reports
    from monitoring.reports.samples import Samples
    from monitoring.reports.workspace import Shelf

    warnings.filterwarnings("ignore", module=r"evidently|scipy|numpy")  # of odd windows
    references = References(settings, settings.reference_poll)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    metrics = MonitoringMetrics(settings.window_min_rows)
    tuning = Tuning(settings.drift_tolerance, settings.drift_false_alarms)
    least = settings.window_min_rows
    shelf = Shelf(folder, settings.model_name, settings.kept_reports)
    reports = Reports(
        Desk(
            index=Index(folder, settings.kept_reports),
            archive=Archive(folder, settings.kept_windows),
            samples=Samples(settings.kept_windows, least),
            comparison=Comparison(shelf, references, tuning, least, metrics.report_seconds),
            outbox=outbox(settings),
            metrics=metrics,
            model=settings.model_name,
        )
    )
    pulse = Pulse(STUCK_AFTER)
    monitor = Monitor(settings, names, reports, metrics)
    pages = application(reports.summaries, metrics.registry, folder, pulse.alive)
    stop_serving = serve(pages, settings.listen_host, settings.monitoring_port)
    try:
        while not stop.is_set():
            monitor.turn()
            pulse.beat()
    finally:
        monitor.close()
        stop_serving()


if __name__ == "__main__":
    process.run(main)
