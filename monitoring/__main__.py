"""`python -m monitoring`: windows the stream, reports drift and performance."""

# ruff: noqa: PLC0415  Evidently and MLflow read their variables when they are imported

import warnings

from contract import kafka, libraries, process
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
    reports_folder = process.writable_folder(settings.home / "reports")
    process.check_port(settings.listen_host, settings.monitoring_port)
    kafka.check_broker(settings)

    from monitoring.drift import Thresholds
    from monitoring.index import Index
    from monitoring.metrics import MonitoringMetrics
    from monitoring.monitor import Monitor
    from monitoring.page import Pulse, application, serve
    from monitoring.reference import champion_version, load_reference
    from monitoring.reports import Reports, Rules

    warnings.filterwarnings("ignore", module=r"evidently|scipy|numpy")  # of odd windows
    reference = load_reference(settings, champion_version(settings))
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    metrics = MonitoringMetrics()
    metrics.reference(settings.model_name, reference.version)
    thresholds = Thresholds(
        settings.drift_numerical, settings.drift_categorical, settings.drift_share
    )
    reports = Reports(
        Index(reports_folder, settings.kept_reports),
        metrics,
        Rules(settings.window_min_rows, thresholds),
    )
    pulse = Pulse(STUCK_AFTER)
    monitor = Monitor(settings, names, reports, metrics, reference)
    pages = application(reports.summaries, metrics.registry, reports_folder, pulse.alive)
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
