"""`python -m monitoring`: windows the stream, reports drift and performance."""

# ruff: noqa: PLC0415  Evidently and MLflow read their variables when they are imported

import contract.startup  # noqa: F401

# isort: split
import warnings
from functools import partial
from pathlib import Path

from contract import kafka, libraries, process
from contract.claim import claimed
from contract.guard import guard
from contract.listener import STALLED_AFTER
from contract.settings import load
from contract.shutdown import Shutdown
from contract.topics import topics
from monitoring.settings import MonitoringSettings

STUCK_AFTER = 60.0
"""Seconds without a turn of the main loop after which /healthz says so."""


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    settings = load(MonitoringSettings)
    process.configure_logs(settings.log_level, settings.log_format)
    with Shutdown(process.stop_on_signal()) as shutdown:
        libraries.prepare(settings)
        folder = process.writable_folder(settings.data_dir / "reports")
        process.check_port(settings.listen_host, settings.monitoring_port)
        kafka.check_broker(settings)
        with claimed(folder, "monitoring"):
            _monitor(settings, folder, shutdown)
    shutdown.check()


def _monitor(settings: MonitoringSettings, folder: Path, shutdown: Shutdown) -> None:
    from monitoring.alerts import outbox
    from monitoring.drift.config import Tuning
    from monitoring.live.live import Live
    from monitoring.metrics.metrics import MonitoringMetrics
    from monitoring.monitor import Monitor
    from monitoring.pages.board import Board
    from monitoring.pages.guarded import Guarded
    from monitoring.pages.page import application
    from monitoring.pages.pulse import Pulse
    from monitoring.pages.server import serve
    from monitoring.pages.sources import Sources
    from monitoring.pages.trial import Trial
    from monitoring.reporting.evaluator import Comparison
    from monitoring.reporting.reference import References, run_page
    from monitoring.reporting.report_store import Shelf
    from monitoring.reporting.samples import Samples
    from monitoring.reporting.window_archive import Archive
    from monitoring.reporting.window_index import Index
    from monitoring.reporting.worker import Desk, Reports

    warnings.filterwarnings("ignore", module=r"evidently|scipy|numpy")  # of odd windows
    references = References(settings, settings.reference_poll_interval)
    names = topics(settings)
    kafka.ensure_topics(settings, names)
    metrics = MonitoringMetrics(settings.window_min_rows)
    tuning = Tuning(settings.drift_tolerance, settings.drift_false_alarm_rate)
    least = settings.window_min_rows
    shelf = Shelf(folder, settings.model_name, settings.report_retention_count)
    reports = Reports(
        Desk(
            index=Index(folder, settings.report_retention_count),
            archive=Archive(folder, settings.pending_label_windows),
            samples=Samples(settings.pending_label_windows, least),
            comparison=Comparison(shelf, references, tuning, least, metrics.reading.report_seconds),
            outbox=outbox(settings),
            metrics=metrics,
            model=settings.model_name,
        ),
        shutdown,
    )
    pulse = Pulse(STUCK_AFTER)
    live = Live(settings, names, lambda: references.last, shutdown)
    monitor = Monitor(settings, names, reports, metrics, live)
    sources = Sources(
        summaries=reports.summaries,
        progress=reports.progress,
        now=live.now,
        letters=live.letters,
        steps=live.steps,
        run_page=partial(run_page, settings, settings.mlflow_ui_url),
        answer=Trial(settings, names).run,
        alive=pulse.alive,
        registry=metrics.registry,
        reports=folder,
    )
    board = Board(sources.parts, on_failure=shutdown.on_failure)
    pages = Guarded(application(settings, sources, board), guard(settings))
    stop_serving = serve(
        pages,
        board,
        settings.listen_host,
        settings.monitoring_port,
        stalled_after=STALLED_AFTER + settings.test_record_timeout,
        on_failure=shutdown.on_failure,
    )
    live.start()
    reports.prepare()
    with shutdown.on_failure():
        while not shutdown.requested:
            monitor.turn()
            pulse.beat()
    with shutdown.on_failure():
        monitor.close()
    live.stop()
    stop_serving()


if __name__ == "__main__":
    process.run(main)
