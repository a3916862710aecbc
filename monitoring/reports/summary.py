"""What is known of a closed window: a line of the index, an entry of the page. Pure."""

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from monitoring.drift import Verdict
from monitoring.reports.performance import Performance
from monitoring.windows.window import ClosedWindow

REPORTED = "reported"
TOO_SMALL = "too_small"
FAILED = "report_failed"


class Column(Struct, frozen=True):
    """How far a column is from the reference, in its own measure, and whether that is drift."""

    score: float
    drifted: bool


class Summary(Struct, frozen=True):
    """A closed window.

    Attributes:
        start: event time in ms, as is `end`.
        rows: customers, each counted once; `predictions` likewise.
        joined: customers who have a prediction.
        duplicates: customer records that were not the first of their id.
        counted_share: share of the ids that were counted by; 1 means that all counts are exact.
        invalid: records that do not fit the contract, by reason.
        sample_rows: rows that the drift was computed from.
        result: whether there is a report, or why there is none.
        model_version: the version that scored, whose reference the window is compared with.
        columns: drift of the features, of `prediction`, and of `Purchased` if known.
        labelled: rows whose prediction and outcome are known; the performance is theirs.
        report: name of Evidently's report; `target_report` of its part that needs outcomes,
            which is of `target_rows` rows.
    """

    start: int
    end: int
    rows: int
    predictions: int
    joined: int
    duplicates: int
    counted_share: float
    sample_rows: int
    result: str
    model_version: str
    invalid: dict[str, int] = {}
    columns: dict[str, Column] = {}
    dataset_drift: bool | None = None
    drifted_columns: int | None = None
    drifted_share: float | None = None
    labelled: int = 0
    accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    report: str | None = None
    target_report: str | None = None
    target_rows: int = 0

    def with_report(self, drift: Verdict, report: str) -> Self:
        """The same once its report is written."""
        return replace(
            self,
            result=REPORTED,
            columns=_columns(drift),
            dataset_drift=drift.dataset,
            drifted_columns=drift.drifted_features,
            drifted_share=drift.share,
            report=report,
        )

    def with_outcomes(self, drift: Verdict, report: str, rows: int) -> Self:
        """The same once the report on the outcomes is written."""
        columns = {**self.columns, **_columns(drift)}
        return replace(self, columns=columns, target_report=report, target_rows=rows)

    def judged(self, other: Self) -> Self:
        """The same with the report on the outcomes that the other has."""
        return replace(
            self,
            columns=other.columns,
            target_report=other.target_report,
            target_rows=other.target_rows,
        )

    def measured(self, performance: Performance) -> Self:
        """The same once more outcomes are known."""
        return replace(
            self,
            labelled=performance.labelled,
            accuracy=performance.accuracy,
            precision=performance.precision,
            recall=performance.recall,
            f1=performance.f1,
        )


def summary(window: ClosedWindow, model_version: str, result: str) -> Summary:
    """What is known of a window without a report."""
    counts = window.counts
    return Summary(
        start=window.start,
        end=window.end,
        rows=counts.rows,
        predictions=counts.predictions,
        joined=counts.joined,
        duplicates=counts.duplicate_customers,
        counted_share=counts.kept_share,
        invalid=window.invalid,
        sample_rows=len(window.sample),
        result=result,
        model_version=model_version,
    )


def _columns(drift: Verdict) -> dict[str, Column]:
    return {name: Column(score, name in drift.drifted) for name, score in drift.scores.items()}
