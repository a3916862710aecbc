"""The hand-over of closed windows to the thread that reports them, on a disk that fails."""

import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from contract.shutdown import Shutdown
from monitoring.alerts import outbox
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.samples import Samples
from monitoring.reporting.window_archive import Archive
from monitoring.reporting.window_index import Index
from monitoring.reporting.worker import MAX_QUEUED, Desk, Reports
from monitoring.settings import MonitoringSettings
from monitoring.windows.tumbling import Windows
from monitoring.windows.window import Limits
from tests.monitoring.builders import customers
from tests.support.builders import eventually
from tests.support.disks import open_files, stalled
from tests.support.fixtures import SettingsFor

QUEUED = MAX_QUEUED + 2
"""One more than have room: the reading waits."""

FIRST = f"{0:015d}.part"
"""What the first window's archive is written to."""


class Reading(threading.Thread):
    """Hands its windows over, as the main loop does."""

    def __init__(self, reports: Reports) -> None:
        super().__init__(daemon=True)
        self._reports = reports
        own = Windows(10, Limits(sample=10, open_ids=1_000, closed_ids=1_000))
        own.customers(customers(list("abcdefgh"[:QUEUED]), [10 * each for each in range(QUEUED)]))
        self.closed = own.close(float("inf"))

    def run(self) -> None:
        for window in self.closed:
            self._reports.close(window)


@pytest.fixture
def shutdown() -> Shutdown:
    return Shutdown(threading.Event())


@pytest.fixture
def reports(settings_for: SettingsFor, tmp_path: Path, shutdown: Shutdown) -> Reports:
    """Those of a process; the disk fails before anything is compared."""
    return Reports(
        Desk(
            index=Index(tmp_path, kept=20),
            archive=Archive(tmp_path, kept=20),
            samples=Samples(kept=20, min_rows=1),
            comparison=cast(Any, None),
            outbox=outbox(settings_for(MonitoringSettings)),
            metrics=MonitoringMetrics(),
            model="car-purchase",
        ),
        shutdown,
    )


def is_being_written(path: Path) -> bool:
    """By a thread of this process, beside the end that we have open."""
    return open_files(os.getpid()).count(str(path)) > 1


def test_a_failed_report_ends_a_reading_that_waits_for_room(
    reports: Reports, shutdown: Shutdown, tmp_path: Path
) -> None:
    reading = Reading(reports)
    with stalled(tmp_path / FIRST):
        reading.start()
        eventually(lambda: not reports._places._value and is_being_written(tmp_path / FIRST))
        assert reading.is_alive()
    reading.join(60)
    assert not reading.is_alive()
    assert shutdown.requested
    with pytest.raises(OSError, match="pipe"):
        shutdown.check()
    reports.stop()
    assert [*tmp_path.glob("*.npz")] == [], "a window after the failed one was worked on"
    assert len([*reports.first_offsets()]) == QUEUED


def test_a_process_that_is_told_to_stop_does_not_wait_for_room(
    reports: Reports, shutdown: Shutdown, tmp_path: Path
) -> None:
    reading = Reading(reports)
    with stalled(tmp_path / FIRST):
        reading.start()
        eventually(lambda: not reports._places._value and is_being_written(tmp_path / FIRST))
        shutdown._stop.set()
        reading.join(60)
        assert not reading.is_alive()
        assert len([*reports.first_offsets()]) == QUEUED
    reports.stop()
