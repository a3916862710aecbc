"""A closed window against the reference of the version that scored it: rule and report."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from msgspec.structs import replace
from prometheus_client import Histogram

from contract.features import TARGET
from monitoring.drift.columns import CORRECT, OF_RECORDS, PREDICTION, PROBABILITY
from monitoring.drift.config import Tuning
from monitoring.drift.results import Finding
from monitoring.drift.state import State
from monitoring.reporting.baseline import Standard
from monitoring.reporting.evidently_report import Reporter
from monitoring.reporting.reference import Reference, References
from monitoring.reporting.report_store import Shelf, Title
from monitoring.reporting.samples import predicted, scored_by, with_lacks
from monitoring.windows.summary import FAILED, REPORTED, TOO_SMALL, Column, Summary, summary
from monitoring.windows.window import ClosedWindow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Compared:
    """A window after a comparison, and what the drift rule carries on."""

    summary: Summary
    state: State
    findings: Mapping[str, Finding]


class Comparison:
    """Compares one window at a time."""

    def __init__(
        self,
        shelf: Shelf,
        references: References,
        tuning: Tuning,
        min_rows: int,
        seconds: Histogram,
    ) -> None:
        """`shelf` takes the reports, of windows of `min_rows`; `seconds` how long each took."""
        self._shelf = shelf
        self._references = references
        self._tuning = tuning
        self._min_rows = min_rows
        self._seconds = seconds
        self._standard: Standard | None = None

    def prepare(self) -> None:
        """Imports Evidently and opens its workspace."""
        self._shelf.open()

    def window(self, window: ClosedWindow, rows: pd.DataFrame, state: State) -> Compared:
        """Compares features and predictions of a sample."""
        reference = self._references.of(scored_by(window.sample))
        known = summary(window, reference.version, TOO_SMALL)
        complete = predicted(rows)
        if len(complete) < self._min_rows:  # without a scorer, there are still the features
            complete = rows.drop(columns=[PREDICTION, PROBABILITY])
        standard = self._standard_of(reference)
        if len(rows) >= self._min_rows:
            known = replace(known, spreads=standard.spreads(rows))
        if PREDICTION in complete:
            known = replace(known, expected_accuracy=standard.expected(complete, known.joined))
        columns = [*OF_RECORDS, *([PREDICTION] if PREDICTION in complete else [])]
        judged = with_lacks(complete)[columns]
        state, verdict = standard.judge(state, known.start, judged)
        scores: dict[str, float] = {}
        if len(complete) >= self._min_rows:
            title = Title(known.start, "features")
            reporter = Reporter(reference.rows, self._shelf)
            found = self._report(lambda: reporter.features(complete, title), title)
            scores = found or {}
            known = (
                replace(known, result=FAILED)
                if found is None
                else replace(known, result=REPORTED, report=title.page)
            )
        known = known.with_drift(_columns(verdict.findings.values(), scores))
        time = datetime.fromtimestamp(known.start / 1000, UTC)
        seconds = (known.end - known.start) / 1000
        log.info("window %s: %d rows in %g s. %s", time, known.rows, seconds, verdict.words)
        return Compared(known, state, verdict.findings)

    def outcomes(self, known: Summary, rows: pd.DataFrame, state: State) -> Compared:
        """Compares target and performance of labelled rows."""
        reference = self._references.of(known.model_version)
        title = Title(known.start, "outcomes")
        reporter = Reporter(reference.rows, self._shelf)
        scores = self._report(lambda: reporter.outcomes(rows, title), title)
        if scores is not None:
            known = replace(known, target_report=title.page)
        known = replace(known, target_rows=len(rows))
        standard = self._standard_of(reference)
        if not standard.made(state):  # another version scores by now
            return Compared(known, state, {})
        state, verdict = standard.judge(state, known.start, rows[[TARGET, CORRECT]])
        if state.newest(TARGET) == known.start:  # else it speaks of later windows
            known = known.with_drift(_columns(verdict.findings.values(), scores or {}))
        return Compared(known, state, verdict.findings)

    def _standard_of(self, reference: Reference) -> Standard:
        if self._standard is None or self._standard.version != reference.version:
            self._standard = Standard(reference, self._tuning)
        return self._standard

    def _report(
        self, make: Callable[[], dict[str, float]], title: Title
    ) -> dict[str, float] | None:
        try:
            with self._seconds.time():
                return make()
        except OSError:
            raise
        except Exception:  # whatever Evidently raises for odd rows costs one report, no more
            log.exception("no report %s", title.page)
            return None


def _columns(findings: Iterable[Finding], scores: Mapping[str, float]) -> dict[str, Column]:
    return {
        each.column: Column(
            each.alarm, each.effect, each.evidence, scores.get(each.column), each.words
        )
        for each in findings
    }
