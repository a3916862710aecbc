"""Closed windows -> reports, summaries and figures; beside the reading, in a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from contract.events import Alert
from contract.outbox import Outbox
from contract.shutdown import Shutdown
from monitoring.alerts import Judged, follow
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.evaluator import Compared, Comparison
from monitoring.reporting.samples import Samples, table
from monitoring.reporting.window_archive import Archive, Kept
from monitoring.reporting.window_index import Index, Progress
from monitoring.windows.batch import Place
from monitoring.windows.labelled_window import Labels
from monitoring.windows.summary import Summary
from monitoring.windows.window import ClosedWindow

MAX_QUEUED: Final = 4
"""Windows that may wait for their report before the reading waits for them."""

QUEUE_POLL: Final = 0.2
"""Seconds between two looks, while the reading waits, at whether the process is to end."""

ALERTS_KEPT: Final = 100
"""Alerts that are remembered, to be sent by the next process if this one cannot."""


@dataclass(frozen=True)
class Desk:
    """What the reports are made with."""

    index: Index
    archive: Archive
    samples: Samples
    comparison: Comparison
    outbox: Outbox[Alert]
    metrics: MonitoringMetrics
    model: str


class Reports:
    """Reports each window once. What it was told last of a window is in the index.

    What goes wrong in the thread is handed to `shutdown`. No job runs after that: a later window in
    the index would have the next process take the failed one for reported.
    """

    def __init__(self, desk: Desk, shutdown: Shutdown) -> None:
        self._desk = desk
        self._shutdown = shutdown
        self._thread = ThreadPoolExecutor(1, "reports")
        self._lock = threading.Lock()
        self._places = threading.Semaphore(MAX_QUEUED)
        self._jobs: list[Future[None]] = []
        self._prepared: Future[None] | None = None
        self._unfinished: dict[int, dict[Place, int]] = {}

    def restore(self) -> list[Labels]:
        """The windows that an earlier process had closed, the oldest first."""
        labels = []
        for kept in self._desk.archive.load():
            start = kept.labels.start
            known = self._desk.index.get(start)
            if known is not None:  # else it was not reported, and will be closed again
                self._desk.samples.add(start, kept.sample, known.target_rows)
                labels.append(kept.labels)
        self._desk.outbox.add(self._desk.index.progress.alerts)
        self._tell_metrics()
        return labels

    def prepare(self) -> None:
        """Has the thread import what reports are made with: it takes seconds."""
        self._submit(self._desk.comparison.prepare)
        self._prepared = self._jobs[-1]

    def close(self, window: ClosedWindow) -> None:
        """Reports a closed window; waits if many are waiting.

        Of a process that is to end, the window stays unfinished: the next one builds it again.
        """
        with self._lock:
            self._unfinished[window.start] = window.first
        while not self._places.acquire(timeout=QUEUE_POLL):
            if self._shutdown.requested:
                return
        self._submit(self._close, window)

    def labelled(self, labels: Labels) -> None:
        """Outcomes came for a closed window. Raises `OSError` where that cannot be written."""
        with self._lock:
            known = self._desk.index.get(labels.start)
            if known is None:  # it waits for its report; what came will be counted next time
                labels.changed = labels.start in self._unfinished
                return
            performance = labels.performance()
            if performance.labelled <= known.labelled:
                return  # an earlier process had read as much
            self._tell(known.measured(performance))
            rows = self._desk.samples.due(labels)
        if rows is not None:
            self._submit(self._outcomes, labels.start, rows)

    def first_offsets(self) -> Iterator[dict[Place, int]]:
        """Where reading must start again to build again the windows that are not reported yet."""
        with self._lock:
            yield from list(self._unfinished.values())

    def summaries(self) -> list[Summary]:
        """The latest windows, newest first."""
        with self._lock:
            return self._desk.index.newest_first()

    def progress(self) -> Progress:
        """What is carried from window to window: open episodes, and the latest alerts."""
        with self._lock:
            return self._desk.index.progress

    def stop(self) -> None:
        """Finishes the report in hand. What waits is read and reported again by the next start."""
        is_preparing = self._prepared is not None and not self._prepared.done()
        self._thread.shutdown(wait=not is_preparing, cancel_futures=True)  # an import is no report

    def send_alerts(self) -> None:
        """Tries again to send the alerts that wait."""
        if len(self._desk.outbox) and all(job.done() for job in self._jobs):
            self._submit(self._desk.outbox.send)

    def _submit(self, job: Callable[..., None], *given: Any) -> None:
        self._jobs = [each for each in self._jobs if not each.done()]
        self._jobs.append(self._thread.submit(self._run, job, *given))

    def _run(self, job: Callable[..., None], *given: Any) -> None:
        with self._shutdown.on_failure():
            self._shutdown.check()
            job(*given)

    def _close(self, window: ClosedWindow) -> None:
        try:
            self._report(window)
        finally:
            self._places.release()
        self._desk.outbox.send()

    def _report(self, window: ClosedWindow) -> None:
        rows = table(window.sample)
        self._desk.archive.add(Kept(window.labels, rows))
        compared = self._desk.comparison.window(window, rows, self._desk.index.progress.drift)
        with self._lock:
            self._desk.samples.add(window.start, rows)
            self._tell(compared.summary, self._progress(compared))
            self._desk.metrics.windows.closed(compared.summary)
            del self._unfinished[window.start]

    def _outcomes(self, start: int, rows: pd.DataFrame) -> None:
        with self._lock:
            known = self._desk.index.get(start)
        if known is None:  # forgotten meanwhile
            return
        compared = self._desk.comparison.outcomes(known, rows, self._desk.index.progress.drift)
        with self._lock:
            latest = self._desk.index.get(start)
            if latest is not None:
                self._tell(latest.judged(compared.summary), self._progress(compared))
        self._desk.outbox.send()

    def _progress(self, compared: Compared) -> Progress:
        """Where the window leads; what it alarms of is to be sent once that is on disk."""
        before = self._desk.index.progress
        judged = Judged(compared.summary, self._desk.model, compared.findings)
        episodes, alerts = follow(before.episodes, judged)
        latest = (*before.alerts, *alerts)[-ALERTS_KEPT:]
        return Progress(compared.state, episodes, latest)

    def _tell(self, summary: Summary, progress: Progress | None = None) -> None:
        self._desk.index.add(summary, progress)
        if progress is not None:
            self._desk.outbox.add(progress.alerts)
        self._tell_metrics()

    def _tell_metrics(self) -> None:
        index = self._desk.index
        self._desk.metrics.known(index.newest_first())
        self._desk.metrics.drift.episodes(index.progress.episodes, len(self._desk.outbox))
