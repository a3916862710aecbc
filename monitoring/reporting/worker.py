"""Closed windows -> reports, index, metrics and alerts, in a thread beside the main loop."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import pandas as pd

from contract.events import Alert
from contract.outbox import Outbox
from contract.schema import Schema
from contract.shutdown import Shutdown
from monitoring.alerts import ComparedWindow, update_incidents
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.reporting.samples import PendingSamples, sample_table
from monitoring.reporting.window_archive import ArchivedWindow, WindowArchive
from monitoring.reporting.window_evaluator import Evaluation, WindowEvaluator
from monitoring.reporting.window_index import Checkpoint, WindowIndex
from monitoring.windows.batch import TopicPartition
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.late_records import ClosedSpan
from monitoring.windows.summary import WindowSummary
from monitoring.windows.window import ClosedWindow, WindowState

MAX_QUEUED: Final = 4
"""Windows that may wait for their report before the main loop waits."""

QUEUE_POLL_INTERVAL: Final = 0.2
"""Seconds between two checks, while the main loop waits, whether the process is to stop."""

MAX_ALERTS: Final = 100
"""Alerts that a checkpoint keeps, so that the next process can send them if this one cannot."""


class ReportWorker:
    """Reports each closed window once, in one thread. The index has the latest state of each.

    A failure in the thread is handed to `shutdown`. No job runs after that: with a later window in
    the index, the next process would take the failed one as reported.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        index: WindowIndex,
        archive: WindowArchive,
        samples: PendingSamples,
        evaluator: WindowEvaluator,
        outbox: Outbox[Alert],
        metrics: MonitoringMetrics,
        model: str,
        schema: Schema,
        shutdown: Shutdown,
    ) -> None:
        self._index = index
        self._archive = archive
        self._samples = samples
        self._evaluator = evaluator
        self._outbox = outbox
        self._metrics = metrics
        self._model = model
        self._schema = schema
        self._shutdown = shutdown
        self._thread = ThreadPoolExecutor(1, "reports")
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(MAX_QUEUED)
        self._jobs: list[Future[None]] = []
        self._prepared: Future[None] | None = None
        self._unfinished: dict[int, dict[TopicPartition, int]] = {}

    @property
    def is_idle(self) -> bool:
        """Whether every window that was submitted is on disk."""
        with self._lock:
            return not self._unfinished

    def closed_spans(self) -> list[ClosedSpan]:
        """The windows that an earlier process has reported."""
        return [
            ClosedSpan(each.start, each.end, self._archive.last_offsets(each.start))
            for each in self.summaries()
        ]

    def load_state(self, start: int) -> WindowState | None:
        """What the window with this start (ms) was made of; None if it is not on disk."""
        return self._archive.load_state(start)

    def restore_windows(self) -> list[LabelledWindow]:
        """Loads the windows that an earlier process had closed, the oldest first."""
        windows = []
        for archived in self._archive.load_all():
            start = archived.labels.start
            summary = self._index.get(start)
            if summary is not None:  # otherwise it was not reported, and will be closed again
                self._samples.add_sample(start, archived.sample, summary.outcome_report_rows)
                windows.append(archived.labels)
        self._outbox.add_events(self._index.checkpoint.alerts)
        self._update_metrics()
        return windows

    def prepare(self) -> None:
        """Has the thread import Evidently, which takes seconds."""
        self._submit(self._evaluator.prepare)
        self._prepared = self._jobs[-1]

    def submit_window(self, window: ClosedWindow) -> None:
        """Queues a closed window, new or with late records; waits while the queue is full.

        If the process stops meanwhile, the window stays unfinished and the next process builds it
        again.
        """
        with self._lock:
            self._unfinished[window.start] = window.first_offsets
        while not self._slots.acquire(timeout=QUEUE_POLL_INTERVAL):
            if self._shutdown.requested:
                return
        self._submit(self._report_window, window)

    def update_labels(self, window: LabelledWindow) -> None:
        """Updates the scores of a closed window, and its outcome report if that is due.

        Raises:
            OSError: The index cannot be written.
        """
        with self._lock:
            if window.start in self._unfinished:  # the outcomes are counted after its report
                window.changed = True
                return
            summary = self._index.get(window.start)
            if summary is None:  # removed meanwhile
                return
            if window.labelled_rows < summary.labelled_rows:
                return  # an earlier process had read more
            scored = summary.with_scores_of(window, self._schema.task)
            if scored != summary:
                self._save(scored)
            rows = self._samples.pop_due_rows(window)
        if rows is not None:
            self._submit(self._report_outcomes, window.start, rows)

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to build unreported windows again."""
        with self._lock:
            yield from list(self._unfinished.values())

    def summaries(self) -> list[WindowSummary]:
        """The latest windows, newest first."""
        with self._lock:
            return self._index.newest_first()

    def checkpoint(self) -> Checkpoint:
        """The state after the latest window: open incidents, and the latest alerts."""
        with self._lock:
            return self._index.checkpoint

    def stop(self) -> None:
        """Finishes the current report. Queued windows are read and reported by the next process."""
        is_preparing = self._prepared is not None and not self._prepared.done()
        self._thread.shutdown(wait=not is_preparing, cancel_futures=True)  # an import is no report

    def retry_alerts(self) -> None:
        """Sends the alerts that could not be sent before."""
        if len(self._outbox) and all(job.done() for job in self._jobs):
            self._submit(self._outbox.send_pending)

    def _submit(self, job: Callable[..., None], *args: Any) -> None:
        self._jobs = [each for each in self._jobs if not each.done()]
        self._jobs.append(self._thread.submit(self._run, job, *args))

    def _run(self, job: Callable[..., None], *args: Any) -> None:
        with self._shutdown.on_failure():
            self._shutdown.check()
            job(*args)

    def _report_window(self, window: ClosedWindow) -> None:
        try:
            rows = sample_table(window.sample, self._schema)
            records = window.records.state() if window.records else None
            archived = ArchivedWindow(window.labels, rows, records)
            if window.revision:
                self._report_revision(window, archived)
            else:
                self._archive.save(archived)
                self._report_new(window, rows)
            with self._lock:
                del self._unfinished[window.start]
        finally:
            self._slots.release()
        self._outbox.send_pending()

    def _report_new(self, window: ClosedWindow, rows: pd.DataFrame) -> None:
        state = self._index.checkpoint.drift
        evaluation = self._evaluator.evaluate_window(window, rows, state)
        with self._lock:
            self._samples.add_sample(window.start, rows)
            self._save(evaluation.summary, self._next_checkpoint(evaluation))
            self._metrics.windows.count_closed(evaluation.summary)

    def _report_revision(self, window: ClosedWindow, archived: ArchivedWindow) -> None:
        """Replaces a window. Its records come last on disk.

        Until they are there, a restarted process reads the late ones again and does the same.
        """
        with self._lock:
            previous = self._index.get(window.start)
        if previous is None:  # removed meanwhile
            return
        rows, state = archived.sample, self._index.checkpoint.drift
        evaluation = self._evaluator.evaluate_window(window, rows, state, previous)
        with self._lock:
            previous = self._index.get(window.start) or previous
            # its outcomes are reported again once as many are known as before
            self._samples.add_sample(window.start, rows, previous.outcome_report_rows // 2)
            summary = evaluation.summary.with_outcomes_of(previous)
            self._save(summary, self._next_checkpoint(evaluation))
            self._metrics.windows.count_update()
        self._archive.save(archived)

    def _report_outcomes(self, start: int, rows: pd.DataFrame) -> None:
        with self._lock:
            summary = self._index.get(start)
        if summary is None:  # removed meanwhile
            return
        state = self._index.checkpoint.drift
        evaluation = self._evaluator.evaluate_outcomes(summary, rows, state)
        with self._lock:
            latest = self._index.get(start)
            if latest is not None:
                updated = latest.with_outcome_report(evaluation.summary)
                self._save(updated, self._next_checkpoint(evaluation))
        self._outbox.send_pending()

    def _next_checkpoint(self, evaluation: Evaluation) -> Checkpoint:
        """The state after the window. Its alerts are sent once it is on disk."""
        previous = self._index.checkpoint
        window = ComparedWindow(evaluation.summary, self._model, evaluation.results)
        incidents, alerts = update_incidents(previous.incidents, window, self._schema)
        latest = (*previous.alerts, *alerts)[-MAX_ALERTS:]
        return Checkpoint(evaluation.state, incidents, latest)

    def _save(self, summary: WindowSummary, checkpoint: Checkpoint | None = None) -> None:
        self._index.save(summary, checkpoint)
        if checkpoint is not None:
            self._outbox.add_events(checkpoint.alerts)
        self._update_metrics()

    def _update_metrics(self) -> None:
        self._metrics.update_windows(self._index.newest_first())
        incidents = self._index.checkpoint.incidents
        self._metrics.drift.set_incidents(incidents, len(self._outbox))
