"""What is reported about a closed window: a line of the index, an entry of the page. Pure."""

from collections.abc import Iterable
from typing import Final, Self

from msgspec import Struct
from msgspec.structs import replace

from contract.schema.classes import Classes
from contract.schema.task import Task
from monitoring.performance_estimation.interval import ConfidenceInterval
from monitoring.windows.confusion_matrix import ConfusionMatrix
from monitoring.windows.distributions import DistributionPair
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.regression_scores import RegressionScores
from monitoring.windows.window import ClosedWindow

REPORTED: Final = "reported"
TOO_SMALL: Final = "too_small"
FAILED: Final = "report_failed"


class ColumnSummary(Struct, frozen=True):
    """How a column differs from the reference.

    Attributes:
        drifted: Whether the drift rule has an open alarm for it.
        effect_size: Difference in standard deviations of the reference; None if not compared.
        z_score: Standard errors by which the difference exceeds the tolerance.
        drift_score: Evidently's distance, in the column's own measure; None without a report.
        message: The result as a sentence.
    """

    drifted: bool
    effect_size: float | None
    z_score: float | None
    drift_score: float | None
    message: str


class WindowSummary(Struct, frozen=True):
    """A closed window.

    Attributes:
        start: Event time in ms, as is `end`.
        rows: Distinct customers; `predictions` likewise.
        joined: Customers with a prediction.
        duplicates: Customer records that were not the first of their id.
        counted_ratio: Share of the ids by which was counted; 1 means that all counts are exact.
        sample_rows: Maximum number of rows from which drift was computed.
        result: Whether there is a report, or why there is none.
        model_version: Version that scored, whose reference set the window is compared with.
        invalid: Records that do not match the schema, by reason.
        missing_partitions: Partitions (`customers-1`) whose records are missing, as an open
            transaction held them back until after the window had closed.
        revision: How often late records have updated it.
        columns: Drift of the features and of `prediction`; where outcomes are known, of the
            target and of `correct`, or of `interval coverage` for a number.
        distributions: Distributions of features and probabilities, or numbers, where there are
            enough rows.
        dataset_drift: Whether any feature drifted.
        drifted_columns: Number of features that drifted.
        drifted_ratio: Share of the features that drifted.
        estimated_accuracy: Accuracy estimated from the probabilities, before outcomes are known.
        labelled_rows: Rows with prediction and outcome; the scores below are computed from them,
            those of a number from the sampled ones.
        confusion_matrix: These rows by outcome and predicted class.
        accuracy_interval: The accuracy with its 95 % interval.
        regression: Scores of a number.
        report: File name of Evidently's report.
        outcome_report: File name of Evidently's report on outcomes.
        outcome_report_rows: Labelled rows of that report.
    """

    start: int
    end: int
    rows: int
    predictions: int
    joined: int
    duplicates: int
    counted_ratio: float
    sample_rows: int
    result: str
    model_version: str
    invalid: dict[str, int] = {}
    missing_partitions: tuple[str, ...] = ()
    revision: int = 0
    columns: dict[str, ColumnSummary] = {}
    distributions: dict[str, DistributionPair] = {}
    dataset_drift: bool | None = None
    drifted_columns: int | None = None
    drifted_ratio: float | None = None
    estimated_accuracy: ConfidenceInterval | None = None
    labelled_rows: int = 0
    confusion_matrix: ConfusionMatrix | None = None
    accuracy: float | None = None
    accuracy_interval: ConfidenceInterval | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    regression: RegressionScores | None = None
    report: str | None = None
    outcome_report: str | None = None
    outcome_report_rows: int = 0

    @classmethod
    def from_window(cls, window: ClosedWindow, model_version: str) -> Self:
        """Summarises a window that is not compared with a reference yet."""
        counts = window.counts
        return cls(
            start=window.start,
            end=window.end,
            rows=counts.rows,
            predictions=counts.predictions,
            joined=counts.joined,
            duplicates=counts.duplicate_customers,
            counted_ratio=counts.counted_ratio,
            invalid=window.invalid,
            missing_partitions=tuple(
                f"{topic}-{partition}" for topic, partition in window.missing_partitions
            ),
            revision=window.revision,
            sample_rows=len(window.sample),
            result=TOO_SMALL,
            model_version=model_version,
        )

    @property
    def columns_in_alarm(self) -> tuple[str, ...]:
        """Names of the columns with an open alarm."""
        return tuple(name for name, column in self.columns.items() if column.drifted)

    def with_columns(
        self, columns: dict[str, ColumnSummary], feature_columns: Iterable[str]
    ) -> Self:
        """Adds the drift of these columns."""
        merged = {**self.columns, **columns}
        features = [merged[name].drifted for name in feature_columns if name in merged]
        return replace(
            self,
            columns=merged,
            dataset_drift=any(features),
            drifted_columns=sum(features),
            drifted_ratio=sum(features) / len(features) if features else 0.0,
        )

    def with_outcomes_of(self, earlier: Self) -> Self:
        """Keeps the outcomes that were known before late records updated the window."""
        names = (
            "labelled_rows", "confusion_matrix", "accuracy", "accuracy_interval", "precision",
            "recall", "f1", "regression", "outcome_report", "outcome_report_rows",
        )  # fmt: skip
        outcomes = {name: getattr(earlier, name) for name in names}
        return replace(self, columns={**earlier.columns, **self.columns}, **outcomes)

    def with_outcome_report(self, other: Self) -> Self:
        """Adds the outcome report, and the drift of its columns, that another summary has."""
        return replace(
            self,
            columns={**self.columns, **other.columns},
            outcome_report=other.outcome_report,
            outcome_report_rows=other.outcome_report_rows,
        )

    def with_scores_of(self, labels: LabelledWindow, task: Task) -> Self:
        """Replaces the scores by those of the labels that are known by now."""
        if isinstance(task, Classes):
            return self.with_confusion_matrix(labels.confusion_matrix(len(task)))
        scores, rows = labels.regression_scores(), labels.labelled_rows
        return replace(self, labelled_rows=rows, regression=scores)

    def with_confusion_matrix(self, matrix: ConfusionMatrix) -> Self:
        """Replaces the scores by those of a matrix with more outcomes."""
        return replace(
            self,
            labelled_rows=matrix.rows,
            confusion_matrix=matrix,
            accuracy=matrix.accuracy,
            accuracy_interval=matrix.accuracy_interval,
            precision=matrix.precision,
            recall=matrix.recall,
            f1=matrix.f1,
        )
