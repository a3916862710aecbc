"""Closed windows -> reports, summaries and figures; beside the reading, in a thread of its own."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd
from msgspec.structs import replace

from contract.features import TARGET
from monitoring.drift import Thresholds, verdict
from monitoring.index import Index
from monitoring.metrics import MonitoringMetrics
from monitoring.performance import performance
from monitoring.reference import Reference
from monitoring.report import Reporter
from monitoring.summary import FAILED, TOO_SMALL, Summary, summary
from monitoring.table import table
from monitoring.window import Window

log = logging.getLogger(__name__)

MOST_WAITING: Final = 4
"""Windows that may wait for their report before the reading waits for them."""


@dataclass(frozen=True)
class Rules:
    """From how many rows on a window is compared, and when a column has drifted."""

    min_rows: int
    thresholds: Thresholds


class Reports:
    """Reports each window once. What it was told last of a window is in the index."""

    def __init__(self, index: Index, metrics: MonitoringMetrics, rules: Rules) -> None:
        self._index = index
        self._metrics = metrics
        self._rules = rules
        self._thread = ThreadPoolExecutor(1, "reports")
        self._lock = threading.Lock()
        self._places = threading.Semaphore(MOST_WAITING)
        self._last: Future[None] | None = None

    def close(self, window: Window, reference: Reference) -> None:
        """Reports a closed window, unless an earlier process did; waits if many are waiting.

        Raises what went wrong in the thread since the last call: a full disk stops the process.
        """
        if self._last is not None and self._last.done():
            self._last.result()
        if window.start in self._index:
            return
        rows = window.complete
        if len(rows) < self._rules.min_rows:
            self._add(summary(window, reference.version, TOO_SMALL))
            return
        known = summary(window, reference.version, FAILED)
        self._places.acquire()
        self._last = self._thread.submit(self._report, known, table(rows), reference)

    def changed(self, window: Window) -> None:
        """Outcomes came for a closed window."""
        with self._lock:
            known = self._index.get(window.start)
            if known is None:  # its report is being written; what came will be counted next time
                window.changed = True
                return
            measured = performance(window.complete)
            if measured.labelled <= known.labelled:
                return  # an earlier process had read as much
            now = replace(
                known,
                labelled=measured.labelled,
                accuracy=measured.accuracy,
                precision=measured.precision,
                recall=measured.recall,
                f1=measured.f1,
            )
            self._index.add(now)
            self._tell_performance()

    def summaries(self) -> list[Summary]:
        """The latest windows, newest first."""
        with self._lock:
            return self._index.newest_first()

    def stop(self) -> None:
        """Finishes the report in hand. What waits is read and reported again by the next start."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _report(self, known: Summary, rows: pd.DataFrame, reference: Reference) -> None:
        stem = f"{datetime.fromtimestamp(known.start / 1000, UTC):%Y%m%dT%H%M%S%f}"[:-3]
        reporter = Reporter(reference.rows, self._rules.thresholds)
        labelled = rows.dropna(subset=[TARGET])
        names = [f"{stem}.html", f"{stem}-outcomes.html" if len(labelled) else None]
        try:
            with self._metrics.report_seconds.time():
                scores = reporter.features(rows, self._index.folder / str(names[0]))
                if names[1]:
                    scores |= reporter.outcomes(labelled, self._index.folder / names[1])
        except OSError:
            raise
        except Exception:  # whatever Evidently raises for odd rows costs one report, no more
            log.exception("no report of the window %s", stem)
            self._add(known)
        else:
            drift = verdict(scores, self._rules.thresholds)
            self._add(known.with_reports(drift, *names))
            drifted = ", ".join(sorted(drift.drifted)) or "none"
            log.info("window %s: %d rows, drifted: %s", stem, known.rows, drifted)
        finally:
            self._places.release()

    def _add(self, closed: Summary) -> None:
        with self._lock:
            self._index.add(closed)
            self._metrics.closed(closed)
            self._tell_performance()

    def _tell_performance(self) -> None:
        labelled = (each for each in self._index.newest_first() if each.labelled)
        newest = next(labelled, None)
        if newest is not None:
            self._metrics.measured(newest)
