"""A closed window against the reference set of the version that scored it: drift and report."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from msgspec.structs import replace
from prometheus_client import Histogram

from monitoring.drift.columns import (
    PREDICTION,
    feature_columns,
    performance_column,
    prediction_columns,
)
from monitoring.drift.config import DriftConfig
from monitoring.drift.results import ColumnResult
from monitoring.drift.state import DriftState
from monitoring.reporting.baseline import Baseline
from monitoring.reporting.evidently_report import EvidentlyReporter
from monitoring.reporting.reference import ReferenceSet, ReferenceSets
from monitoring.reporting.report_store import ReportId, ReportStore
from monitoring.reporting.samples import (
    most_frequent_version,
    predicted_rows,
    with_missing_indicators,
)
from monitoring.windows.summary import FAILED, REPORTED, ColumnSummary, WindowSummary
from monitoring.windows.window import ClosedWindow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evaluation:
    """A window that was compared, and the drift rule's next state."""

    summary: WindowSummary
    state: DriftState
    results: Mapping[str, ColumnResult]


class WindowEvaluator:
    """Compares windows with their reference sets, one at a time."""

    def __init__(
        self,
        store: ReportStore,
        references: ReferenceSets,
        config: DriftConfig,
        min_rows: int,
        report_seconds: Histogram,
    ) -> None:
        """Prepares nothing yet.

        Args:
            store: Where reports are written.
            references: The reference sets of the model versions.
            config: Parameters of the drift rule.
            min_rows: Rows that a window needs for a report.
            report_seconds: Observes the duration of each report.
        """
        self._store = store
        self._references = references
        self._config = config
        self._min_rows = min_rows
        self._report_seconds = report_seconds
        self._baseline: Baseline | None = None

    def prepare(self) -> None:
        """Imports Evidently and opens its workspace."""
        self._store.open()

    def evaluate_window(
        self,
        window: ClosedWindow,
        rows: pd.DataFrame,
        state: DriftState,
        previous: WindowSummary | None = None,
    ) -> Evaluation:
        """Compares features and predictions of a window's sample.

        Alarms open and end with new windows alone: not with one that late records have updated,
        nor with one older than the newest.

        Args:
            window: The window.
            rows: Its sample as `samples.sample_table` makes it.
            state: State of the drift rule.
            previous: The window before late records updated it.
        """
        reference = self._references.for_version(most_frequent_version(window.sample))
        baseline = self._baseline_of(reference)
        summary = WindowSummary.from_window(window, reference.version)
        complete = predicted_rows(rows, reference.schema)
        if len(complete) < self._min_rows:  # without a worker there are still the features
            complete = rows.drop(columns=[*prediction_columns(reference.schema)])
        if len(rows) >= self._min_rows:
            summary = replace(summary, distributions=baseline.compare_distributions(rows))
        if PREDICTION in complete:
            accuracy = baseline.estimate_accuracy(complete, summary.joined)
            summary = replace(summary, estimated_accuracy=accuracy)
        features = feature_columns(reference.schema)
        columns = [*features, *([PREDICTION] if PREDICTION in complete else [])]
        watched = with_missing_indicators(complete, reference.schema)[columns]
        is_new = previous is None and summary.start > state.newest_start
        if is_new:
            state, drift = baseline.check_drift(state, summary.start, watched)
        else:
            in_alarm = previous.columns_in_alarm if previous else ()
            state, drift = baseline.revise_drift(state, summary.start, watched, in_alarm)
        scores: dict[str, float] | None = {}
        if len(complete) >= self._min_rows:
            report_id = ReportId(summary.start, "features", summary.revision)
            reporter = EvidentlyReporter(reference.rows, self._store, reference.schema)
            scores = self._report(lambda: reporter.report_features(complete, report_id), report_id)
            summary = (
                replace(summary, result=FAILED)
                if scores is None
                else replace(summary, result=REPORTED, report=report_id.file_name)
            )
        summary = summary.with_columns(
            _column_summaries(drift.columns.values(), scores or {}), features
        )
        log.info(
            "compared window start=%s length=%gs revision=%d rows=%d result=%s: %s",
            datetime.fromtimestamp(summary.start / 1000, UTC).isoformat(),
            (summary.end - summary.start) / 1000,
            summary.revision,
            summary.rows,
            summary.result,
            drift.message,
        )
        if summary.missing_partitions:
            log.warning(
                "records missing in window start=%s partitions=%s: an open transaction held them "
                "back for longer than INTENT_OPEN_TRANSACTION_TIMEOUT",
                datetime.fromtimestamp(summary.start / 1000, UTC).isoformat(),
                ",".join(summary.missing_partitions),
            )
        return Evaluation(summary, state, drift.columns if is_new else {})

    def evaluate_outcomes(
        self, summary: WindowSummary, rows: pd.DataFrame, state: DriftState
    ) -> Evaluation:
        """Compares target and performance of a window's labelled rows."""
        reference = self._references.for_version(summary.model_version)
        report_id = ReportId(summary.start, "outcomes", summary.revision)
        reporter = EvidentlyReporter(reference.rows, self._store, reference.schema)
        scores = self._report(lambda: reporter.report_outcomes(rows, report_id), report_id)
        if scores is not None:
            summary = replace(summary, outcome_report=report_id.file_name)
        summary = replace(summary, outcome_report_rows=len(rows))
        baseline = self._baseline_of(reference)
        if not baseline.matches(state):  # another version scores by now
            return Evaluation(summary, state, {})
        target = reference.schema.target.name
        judged = rows[[target, performance_column(reference.schema)]]
        state, drift = baseline.check_drift(state, summary.start, judged)
        if state.newest_window(target) == summary.start:  # otherwise it describes later windows
            summary = summary.with_columns(
                _column_summaries(drift.columns.values(), scores or {}),
                feature_columns(reference.schema),
            )
        return Evaluation(summary, state, drift.columns)

    def _baseline_of(self, reference: ReferenceSet) -> Baseline:
        if self._baseline is None or self._baseline.version != reference.version:
            self._baseline = Baseline(reference, self._config)
        return self._baseline

    def _report(
        self, make: Callable[[], dict[str, float]], report_id: ReportId
    ) -> dict[str, float] | None:
        try:
            with self._report_seconds.time():
                return make()
        except OSError:
            raise
        except Exception:  # Evidently raises many things for odd rows; they cost one report
            log.exception("report failed file=%s", report_id.file_name)
            return None


def _column_summaries(
    results: Iterable[ColumnResult], scores: Mapping[str, float]
) -> dict[str, ColumnSummary]:
    return {
        result.column: ColumnSummary(
            drifted=result.alarm,
            effect_size=result.effect_size,
            z_score=result.z_score,
            drift_score=scores.get(result.column),
            message=result.message,
        )
        for result in results
    }
