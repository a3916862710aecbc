"""A window's rows and the reference's -> Evidently's report."""

# ruff: noqa: PLC0415  Evidently is imported with the first report: see `report_store`

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from contract.classes import CLASSES, SEVERAL, TEXTS
from contract.features import CATEGORICAL, FEATURES, NUMERICAL, TARGET
from monitoring.drift.columns import PREDICTION, PROBABILITY
from monitoring.reporting.report_store import ReportId, ReportStore

if TYPE_CHECKING:
    from evidently import BinaryClassification, Dataset, MulticlassClassification

METHODS: Final = {True: ("jensenshannon", 0.1), False: ("wasserstein", 0.15)}
"""By whether a column is categorical: Evidently's distance, and from which value its page marks the
column. The marks only help to read the page; the drift rule decides what is drift (docs/drift.md).
"""

CLASSES_AS_TEXT: Final = not SEVERAL and not TEXTS and CLASSES != (0, 1)
"""Evidently takes two classes of whole numbers as 0 and 1; as texts they can be any."""


class EvidentlyReporter:
    """Makes reports on windows, compared with one reference set."""

    def __init__(self, reference: pd.DataFrame, store: ReportStore) -> None:
        """`reference` has columns as `contract.registry.REFERENCE` says."""
        self._reference = reference
        self._store = store

    def report_features(self, current: pd.DataFrame, report_id: ReportId) -> dict[str, float]:
        """Reports on the features, and on predictions if `current` has them.

        Returns:
            The drift score of each column.
        """
        from evidently.presets import DataSummaryPreset

        predictions = [PREDICTION] if PREDICTION in current else []
        summary = DataSummaryPreset(columns=[*FEATURES])
        return self._run(current, [*FEATURES, *predictions], [summary], report_id)

    def report_outcomes(self, current: pd.DataFrame, report_id: ReportId) -> dict[str, float]:
        """Reports on target and performance of rows that all have an outcome.

        Returns:
            The drift score of the target.
        """
        from evidently.presets import ClassificationPreset

        several = current[TARGET].nunique() > 1  # most figures are undefined for one class
        presets = [ClassificationPreset()] if several else []
        return self._run(current, [TARGET], presets, report_id)

    def _run(
        self,
        current: pd.DataFrame,
        columns: Sequence[str],
        presets: list[Any],
        report_id: ReportId,
    ) -> dict[str, float]:
        from evidently import Report
        from evidently.metrics import ValueDrift

        categorical = {*CATEGORICAL, PREDICTION, TARGET}
        drifts = [
            ValueDrift(column=column, method=method, threshold=threshold)
            for column in columns
            for method, threshold in [METHODS[column in categorical]]
        ]
        shared = [name for name in self._reference if name in current]
        snapshot = Report([*drifts, *presets]).run(
            _dataset(current[shared]),
            _dataset(self._reference[shared]),
            timestamp=datetime.fromtimestamp(report_id.window_start / 1000, UTC),
            name=report_id.kind,
            tags=[report_id.kind],
        )
        self._store.save(snapshot, report_id, len(current))
        values = (metric["value"] for metric in snapshot.dict()["metrics"])
        return {column: float(value) for column, value in zip(columns, values, strict=False)}


def _dataset(rows: pd.DataFrame) -> "Dataset":
    from evidently import DataDefinition, Dataset

    labelled = TARGET in rows and PREDICTION in rows
    categorical = [*CATEGORICAL, PREDICTION, TARGET]
    if labelled and CLASSES_AS_TEXT:
        rows = rows.astype({TARGET: str, PREDICTION: str})
    return Dataset.from_pandas(
        rows,
        DataDefinition(
            categorical_columns=[name for name in categorical if name in rows],
            numerical_columns=[name for name in (*NUMERICAL, PROBABILITY) if name in rows],
            classification=[_classification()] if labelled else None,
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
        pos_label=str(CLASSES[1]) if CLASSES_AS_TEXT else CLASSES[1],
    )
