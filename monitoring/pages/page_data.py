"""What the pages show and where it comes from: the seam between them and the rest of monitoring."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from contract.events import LifecycleEvent
from monitoring.live.collector import StreamSnapshot
from monitoring.live.messages import DeadLetterText
from monitoring.pages.broadcaster import Snapshot
from monitoring.pages.form_fields import FormValues
from monitoring.pages.record_tester import RecordResult
from monitoring.reporting.window_index import Checkpoint
from monitoring.windows.summary import WindowSummary

MAX_ALERTS: Final = 40


class Heartbeat:
    """Whether the main loop is still running, for /healthz."""

    def __init__(self, timeout: float) -> None:
        """The loop counts as dead after `timeout` seconds without a beat."""
        self._timeout = timeout
        self._last_beat = time.monotonic()

    def beat(self) -> None:
        """Is called once per turn of the loop."""
        self._last_beat = time.monotonic()

    def is_alive(self) -> bool:
        """Whether the last beat is recent."""
        return time.monotonic() - self._last_beat < self._timeout


@dataclass(frozen=True)
class PageData:
    """Functions that the pages call, from worker threads.

    Attributes:
        summaries: Returns the latest windows, newest first.
        checkpoint: Returns the state after the latest window.
        stream: Returns the stream's current state.
        dead_letters: Returns the latest dead letters, newest first.
        lifecycle_events: Returns the latest lifecycle events, newest first.
        mlflow_run_url: Returns the address of a version's MLflow run; None without one.
        test_record: Publishes a record and waits for its result, see `RecordTester.run`.
        is_alive: Returns whether the main loop is running.
        registry: Prometheus registry of /metrics.
        reports: Folder of Evidently's reports.
        held_back: Returns what holds back records, for /healthz. It is healthy all the same.
    """

    summaries: Callable[[], list[WindowSummary]]
    checkpoint: Callable[[], Checkpoint]
    stream: Callable[[], StreamSnapshot]
    dead_letters: Callable[[], list[DeadLetterText]]
    lifecycle_events: Callable[[], list[LifecycleEvent]]
    mlflow_run_url: Callable[[str], str | None]
    test_record: Callable[[FormValues], RecordResult]
    is_alive: Callable[[], bool]
    registry: CollectorRegistry
    reports: Path
    held_back: Callable[[], list[str]] = list

    def snapshot(self) -> Snapshot:
        """Returns all that the page shows. Each window is an event, since most do not change."""
        checkpoint = self.checkpoint()
        return {
            "stream": self.stream(),
            **{f"window:{summary.start}": summary for summary in reversed(self.summaries())},
            "alerts": {
                "open_incidents": {
                    kind: {"incident": incident.id, "started_at": incident.started_at}
                    for kind, incident in checkpoint.incidents.items()
                },
                "latest": checkpoint.alerts[-MAX_ALERTS:],
            },
            "lifecycle": self.lifecycle_events(),
            "dead_letters": self.dead_letters(),
        }
