"""`python -m monitoring`: windows the stream, and reports drift and performance."""

# ruff: noqa: PLC0415  Evidently and MLflow read their variables when they are imported

import contract.startup  # noqa: F401

# isort: split
import warnings
from functools import partial
from pathlib import Path

from contract import kafka, process
from contract.folders import locked_folder, writable_folder
from contract.http_access import access_policy
from contract.libraries import configure_libraries
from contract.listener import STALLED_AFTER
from contract.logs import configure_logs
from contract.settings import load, schema_of
from contract.shutdown import Shutdown
from contract.topics import topics
from monitoring.settings import MonitoringSettings

STUCK_AFTER = 60.0
"""Seconds without an iteration of the main loop after which /healthz fails."""


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    settings = load(MonitoringSettings)
    configure_logs(settings.log_level, settings.log_format)
    with Shutdown(process.stop_on_signal()) as shutdown:
        configure_libraries(settings)
        folder = writable_folder(settings.data_dir / "reports")
        process.check_port(settings.listen_host, settings.monitoring_port)
        kafka.check_broker(settings)
        with locked_folder(folder, "monitoring"):
            _monitor(settings, folder, shutdown)
    shutdown.check()


def _monitor(settings: MonitoringSettings, folder: Path, shutdown: Shutdown) -> None:
    from monitoring.alerts import alert_outbox
    from monitoring.drift.config import DriftConfig
    from monitoring.live.collector import StreamCollector
    from monitoring.metrics.metrics import MonitoringMetrics
    from monitoring.monitor import Monitor
    from monitoring.pages.app import create_app
    from monitoring.pages.broadcaster import EventBroadcaster
    from monitoring.pages.middleware import AccessControl
    from monitoring.pages.page_data import Heartbeat, PageData
    from monitoring.pages.record_tester import RecordTester
    from monitoring.pages.server import serve
    from monitoring.reporting.reference import ReferenceSets, mlflow_run_url
    from monitoring.reporting.report_store import ReportStore
    from monitoring.reporting.samples import PendingSamples
    from monitoring.reporting.window_archive import WindowArchive
    from monitoring.reporting.window_evaluator import WindowEvaluator
    from monitoring.reporting.window_index import WindowIndex
    from monitoring.reporting.worker import ReportWorker

    warnings.filterwarnings("ignore", module=r"evidently|scipy|numpy|sklearn")  # about odd windows
    schema = schema_of(settings)
    references = ReferenceSets(settings, settings.reference_poll_interval)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    metrics = MonitoringMetrics(schema, settings.window_min_rows)
    reports = ReportWorker(
        index=WindowIndex(folder, settings.report_retention_count),
        archive=WindowArchive(folder, settings.pending_label_max_windows, schema),
        samples=PendingSamples(
            settings.pending_label_max_windows, settings.window_min_rows, schema
        ),
        evaluator=WindowEvaluator(
            ReportStore(folder, settings.model_name, settings.report_retention_count, schema),
            references,
            DriftConfig(settings.drift_tolerance, settings.drift_false_alarm_rate),
            settings.window_min_rows,
            metrics.consumer.report_seconds,
        ),
        outbox=alert_outbox(settings),
        metrics=metrics,
        model=settings.model_name,
        schema=schema,
        shutdown=shutdown,
    )
    heartbeat = Heartbeat(STUCK_AFTER)
    collector = StreamCollector(settings, names, lambda: references.current, shutdown)
    monitor = Monitor(settings, names, reports, metrics, collector)
    page_data = PageData(
        summaries=reports.summaries,
        checkpoint=reports.checkpoint,
        stream=collector.snapshot,
        dead_letters=collector.dead_letters,
        lifecycle_events=collector.lifecycle_events,
        mlflow_run_url=partial(mlflow_run_url, settings, settings.mlflow_ui_url),
        test_record=RecordTester(settings, names).run,
        is_alive=heartbeat.is_alive,
        registry=metrics.registry,
        reports=folder,
        held_back=monitor.held_back,
    )
    broadcaster = EventBroadcaster(page_data.snapshot, on_failure=shutdown.on_failure)
    app = AccessControl(create_app(settings, page_data, broadcaster), access_policy(settings))
    stop_serving = serve(
        app,
        broadcaster,
        settings.listen_host,
        settings.monitoring_port,
        stalled_after=STALLED_AFTER + settings.test_record_timeout,
        on_failure=shutdown.on_failure,
    )
    collector.start()
    reports.prepare()
    with shutdown.on_failure():
        while not shutdown.requested:
            monitor.run_once()
            heartbeat.beat()
    with shutdown.on_failure():
        monitor.close()
    collector.stop()
    stop_serving()


if __name__ == "__main__":
    process.run_main(main)
