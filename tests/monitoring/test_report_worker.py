"""Closed windows are handed to the thread that reports them, on a disk that fails."""

import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from contract.schema import CARS
from contract.shutdown import Shutdown
from monitoring.alerts import alert_outbox
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.samples import PendingSamples
from monitoring.reporting.window_archive import WindowArchive
from monitoring.reporting.window_index import WindowIndex
from monitoring.reporting.worker import MAX_QUEUED, ReportWorker
from monitoring.settings import MonitoringSettings
from monitoring.windows.tumbling import TumblingWindows
from monitoring.windows.window import WindowLimits
from tests.monitoring.builders import customers
from tests.support.builders import eventually
from tests.support.disks import open_files, stalled_file
from tests.support.fixtures import SettingsFor

QUEUED = MAX_QUEUED + 2
"""One more than have room, so that the main loop waits."""

FIRST = f"{0:015d}.part"
"""What the first window's archive is written to."""


class MainLoop(threading.Thread):
    """Submits its windows, as the main loop does."""

    def __init__(self, reports: ReportWorker) -> None:
        super().__init__(daemon=True)
        self._reports = reports
        windows = TumblingWindows(
            10, WindowLimits(sample_rows=10, open_ids=1_000, closed_ids=1_000), CARS.classes
        )
        windows.add_customers(
            customers(list("abcdefgh"[:QUEUED]), [10 * each for each in range(QUEUED)])
        )
        self.closed = windows.close_until(float("inf"))

    def run(self) -> None:
        for window in self.closed:
            self._reports.submit_window(window)


@pytest.fixture
def shutdown() -> Shutdown:
    return Shutdown(threading.Event())


@pytest.fixture
def reports(settings_for: SettingsFor, tmp_path: Path, shutdown: Shutdown) -> ReportWorker:
    """A worker whose disk fails before anything is compared."""
    return ReportWorker(
        index=WindowIndex(tmp_path, max_windows=20),
        archive=WindowArchive(tmp_path, max_windows=20, schema=CARS),
        samples=PendingSamples(max_windows=20, min_rows=1, schema=CARS),
        evaluator=cast(Any, None),
        outbox=alert_outbox(settings_for(MonitoringSettings)),
        metrics=MonitoringMetrics(CARS),
        schema=CARS,
        model="car-purchase",
        shutdown=shutdown,
    )


def is_being_written(path: Path) -> bool:
    """Whether a thread of this process has the file open, beside this test."""
    return open_files(os.getpid()).count(str(path)) > 1


def test_a_failed_report_ends_a_main_loop_that_waits_for_room(
    reports: ReportWorker, shutdown: Shutdown, tmp_path: Path
) -> None:
    loop = MainLoop(reports)
    with stalled_file(tmp_path / FIRST):
        loop.start()
        eventually(lambda: not reports._slots._value and is_being_written(tmp_path / FIRST))
        assert loop.is_alive()
    loop.join(60)
    assert not loop.is_alive()
    assert shutdown.requested
    with pytest.raises(OSError, match="pipe"):
        shutdown.check()
    reports.stop()
    assert [*tmp_path.glob("*.npz")] == [], "a window after the failed one was worked on"
    assert len([*reports.required_offsets()]) == QUEUED


def test_a_process_that_is_told_to_stop_does_not_wait_for_room(
    reports: ReportWorker, shutdown: Shutdown, tmp_path: Path
) -> None:
    loop = MainLoop(reports)
    with stalled_file(tmp_path / FIRST):
        loop.start()
        eventually(lambda: not reports._slots._value and is_being_written(tmp_path / FIRST))
        shutdown._stop.set()
        loop.join(60)
        assert not loop.is_alive()
        assert len([*reports.required_offsets()]) == QUEUED
    reports.stop()
