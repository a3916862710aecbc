"""A window's rows against the reference -> Evidently's report."""

# ruff: noqa: PLC0415  Evidently is imported with the first report: see `workspace`

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from contract.classes import CLASSES, SEVERAL, TEXTS
from contract.features import CATEGORICAL, FEATURES, NUMERICAL, TARGET
from monitoring.drift.columns import PREDICTION, PROBABILITY
from monitoring.reporting.report_store import Shelf, Title

if TYPE_CHECKING:
    from evidently import BinaryClassification, Dataset, MulticlassClassification

METHODS: Final = {True: ("jensenshannon", 0.1), False: ("wasserstein", 0.15)}
"""Evidently's distance for categories and for numbers, and from where on its page marks a column.
The mark is a help to the eye: what drift is, our rule decides (docs/drift.md).
"""


AS_TEXT: Final = not SEVERAL and not TEXTS and CLASSES != (0, 1)
"""Of two classes with a probability, Evidently takes whole numbers to be 0 and 1; not so texts."""


class Reporter:
    """Compares windows with one reference set (`contract.registry.REFERENCE`)."""

    def __init__(self, reference: pd.DataFrame, shelf: Shelf) -> None:
        self._reference = reference
        self._shelf = shelf

    def features(self, current: pd.DataFrame, title: Title) -> dict[str, float]:
        """Makes the report on features, and on predictions if the table has them.

        Returns the drift score of each column.
        """
        from evidently.presets import DataSummaryPreset

        predictions = [PREDICTION] if PREDICTION in current else []
        summary = DataSummaryPreset(columns=[*FEATURES])
        return self._run(current, [*FEATURES, *predictions], [summary], title)

    def outcomes(self, current: pd.DataFrame, title: Title) -> dict[str, float]:
        """Makes the report on target and performance of rows that all have an outcome."""
        from evidently.presets import ClassificationPreset

        several = current[TARGET].nunique() > 1  # with one class most figures are undefined
        return self._run(current, [TARGET], [ClassificationPreset()] if several else [], title)

    def _run(
        self, current: pd.DataFrame, columns: Sequence[str], presets: list[Any], title: Title
    ) -> dict[str, float]:
        from evidently import Report
        from evidently.metrics import ValueDrift

        labels = {*CATEGORICAL, PREDICTION, TARGET}
        drifts = [
            ValueDrift(column=column, method=method, threshold=threshold)
            for column in columns
            for method, threshold in [METHODS[column in labels]]
        ]
        shared = [name for name in self._reference if name in current]
        snapshot = Report([*drifts, *presets]).run(
            _dataset(current[shared]),
            _dataset(self._reference[shared]),
            timestamp=datetime.fromtimestamp(title.start / 1000, UTC),
            name=title.kind,
            tags=[title.kind],
        )
        self._shelf.put(snapshot, title, len(current))
        values = (metric["value"] for metric in snapshot.dict()["metrics"])
        return {column: float(value) for column, value in zip(columns, values, strict=False)}


def _dataset(rows: pd.DataFrame) -> "Dataset":
    from evidently import DataDefinition, Dataset

    judged = TARGET in rows and PREDICTION in rows
    labels = [*CATEGORICAL, PREDICTION, TARGET]
    if judged and AS_TEXT:
        rows = rows.astype({TARGET: str, PREDICTION: str})
    return Dataset.from_pandas(
        rows,
        DataDefinition(
            categorical_columns=[name for name in labels if name in rows],
            numerical_columns=[name for name in (*NUMERICAL, PROBABILITY) if name in rows],
            classification=[_classification()] if judged else None,
        ),
    )


def _classification() -> "BinaryClassification | MulticlassClassification":
    from evidently import BinaryClassification, MulticlassClassification

    if SEVERAL:
        return MulticlassClassification(target=TARGET, prediction_labels=PREDICTION)
    return BinaryClassification(
        target=TARGET,
        prediction_labels=PREDICTION,
        prediction_probas=PROBABILITY,
        pos_label=str(CLASSES[1]) if AS_TEXT else CLASSES[1],
    )
