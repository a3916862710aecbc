"""What is known of a closed window: a line of the index, an entry of the page. Pure."""

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from monitoring.drift.columns import OF_RECORDS
from monitoring.performance_estimation.interval import Interval
from monitoring.windows.confusion_matrix import Performance
from monitoring.windows.distributions import Beside
from monitoring.windows.window import ClosedWindow

REPORTED = "reported"
TOO_SMALL = "too_small"
FAILED = "report_failed"


class Column(Struct, frozen=True):
    """How a column differs from the reference.

    Attributes:
        drifted: the drift rule holds that it does.
        effect: difference in standard deviations of the reference; None if it was not compared.
        evidence: standard errors by which that is beyond what is tolerated.
        score: Evidently's distance, in the column's own measure; None without a report.
        words: the finding in a sentence.
    """

    drifted: bool
    effect: float | None
    evidence: float | None
    score: float | None
    words: str


class Summary(Struct, frozen=True):
    """A closed window.

    Attributes:
        start: event time in ms, as is `end`.
        rows: customers, each counted once; `predictions` likewise.
        joined: customers who have a prediction.
        duplicates: customer records that were not the first of their id.
        counted_share: share of the ids that were counted by; 1 means that all counts are exact.
        invalid: records that do not fit the contract, by reason.
        sample_rows: rows that the drift was computed from, at most.
        result: whether there is a report, or why there is none.
        model_version: the version that scored, whose reference the window is compared with.
        columns: drift of the features and of `prediction`; where outcomes are known, of
            the target and of `correct`, whether they are as predicted.
        spreads: how features and probabilities are spread, where there are enough of them.
        dataset_drift: whether any feature differs; the next two, how many do.
        expected_accuracy: as the probabilities have it, before any outcome is known.
        labelled: rows whose prediction and outcome are known; the performance is theirs, and
            `outcomes` counts them by what was predicted and what came.
        accuracy_interval: what so many rows say of the accuracy, at 95 %.
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
    spreads: dict[str, Beside] = {}
    dataset_drift: bool | None = None
    drifted_columns: int | None = None
    drifted_share: float | None = None
    expected_accuracy: Interval | None = None
    labelled: int = 0
    outcomes: Performance | None = None
    accuracy: float | None = None
    accuracy_interval: Interval | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    report: str | None = None
    target_report: str | None = None
    target_rows: int = 0

    def with_drift(self, columns: dict[str, Column]) -> Self:
        """The same once the drift rule has judged these columns."""
        known = {**self.columns, **columns}
        features = [known[name].drifted for name in OF_RECORDS if name in known]
        return replace(
            self,
            columns=known,
            dataset_drift=any(features),
            drifted_columns=sum(features),
            drifted_share=sum(features) / len(features) if features else 0.0,
        )

    def judged(self, other: Self) -> Self:
        """The same with the report on the outcomes that the other has."""
        return replace(
            self,
            columns={**self.columns, **other.columns},
            target_report=other.target_report,
            target_rows=other.target_rows,
        )

    def measured(self, performance: Performance) -> Self:
        """The same once more outcomes are known."""
        return replace(
            self,
            labelled=performance.labelled,
            outcomes=performance,
            accuracy=performance.accuracy,
            accuracy_interval=performance.accuracy_interval,
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
