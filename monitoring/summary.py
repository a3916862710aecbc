"""What is known of a closed window: a line of the index, an entry of the page. Pure."""

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from monitoring.drift import Verdict
from monitoring.performance import performance
from monitoring.window import Window

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
        rows: customer records, all of them; `predictions` likewise.
        sample_rows: rows that the figures below were computed from.
        result: whether there is a report, or why there is none.
        model_version: the champion whose reference the window was compared with.
        columns: drift of the features, of `prediction`, and of `Purchased` if known.
        labelled: sampled rows whose outcome is known; the performance is theirs.
        report: name of Evidently's report; `target_report` of its part that needs outcomes.
    """

    start: int
    end: int
    rows: int
    predictions: int
    sample_rows: int
    result: str
    model_version: str
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

    def with_reports(self, drift: Verdict, report: str | None, target_report: str | None) -> Self:
        """The same once the reports are written."""
        return replace(
            self,
            result=REPORTED,
            columns={
                name: Column(score, name in drift.drifted) for name, score in drift.scores.items()
            },
            dataset_drift=drift.dataset,
            drifted_columns=drift.drifted_features,
            drifted_share=drift.share,
            report=report,
            target_report=target_report,
        )


def summary(window: Window, model_version: str, result: str) -> Summary:
    """What is known of a window without a report."""
    rows = window.complete
    measured = performance(rows)
    return Summary(
        start=window.start,
        end=window.end,
        rows=window.customers,
        predictions=window.predictions,
        sample_rows=len(rows),
        result=result,
        model_version=model_version,
        labelled=measured.labelled,
        accuracy=measured.accuracy,
        precision=measured.precision,
        recall=measured.recall,
        f1=measured.f1,
    )
