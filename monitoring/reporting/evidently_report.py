"""A window's rows and the reference's -> Evidently's report."""

# ruff: noqa: PLC0415  Evidently is imported with the first report: see `report_store`

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from contract.schema import Schema
from monitoring.drift.columns import (
    PREDICTION,
    PROBABILITY,
    categorical_columns,
    output_column,
)
from monitoring.reporting.report_store import ReportId, ReportStore

if TYPE_CHECKING:
    from evidently import BinaryClassification, Dataset, MulticlassClassification

METHODS: Final = {True: ("jensenshannon", 0.1), False: ("wasserstein", 0.15)}
"""By whether a column is categorical: Evidently's distance, and from which value its page marks the
column. The marks only help to read the page; the drift rule decides what is drift (docs/drift.md).
"""


MAX_SUMMARIES: Final = 20
"""Columns that are summarised in a report, the first ones of the schema. Each takes a third of a
second; the drift of all columns is in every report."""


class EvidentlyReporter:
    """Makes reports on windows, compared with one reference set."""

    def __init__(self, reference: pd.DataFrame, store: ReportStore, schema: Schema) -> None:
        """`reference` has columns as `contract.registry.REFERENCE_FILE` says."""
        self._reference = reference
        self._store = store
        self._schema = schema

    def report_features(self, current: pd.DataFrame, report_id: ReportId) -> dict[str, float]:
        """Reports on the features, and on predictions if `current` has them.

        Returns:
            The drift score of each column.
        """
        from evidently.presets import DataSummaryPreset

        predictions = [PREDICTION] if PREDICTION in current else []
        summary = DataSummaryPreset(columns=[*self._schema.features[:MAX_SUMMARIES]])
        return self._run(current, [*self._schema.features, *predictions], [summary], report_id)

    def report_outcomes(self, current: pd.DataFrame, report_id: ReportId) -> dict[str, float]:
        """Reports on target and performance of rows that all have an outcome.

        Returns:
            The drift score of the target.
        """
        from evidently.presets import ClassificationPreset, RegressionPreset

        several = (
            current[self._schema.target.name].nunique() > 1
        )  # most figures are undefined for one value
        preset = RegressionPreset if self._schema.task.numeric else ClassificationPreset
        presets = [preset()] if several else []
        return self._run(current, [self._schema.target.name], presets, report_id)

    def _run(
        self,
        current: pd.DataFrame,
        columns: Sequence[str],
        presets: list[Any],
        report_id: ReportId,
    ) -> dict[str, float]:
        from evidently import Report
        from evidently.metrics import ValueDrift

        categorical = categorical_columns(self._schema)
        drifts = [
            ValueDrift(column=column, method=method, threshold=threshold)
            for column in columns
            for method, threshold in [METHODS[column in categorical]]
        ]
        shared = [name for name in self._reference if name in current]
        snapshot = Report([*drifts, *presets]).run(
            _dataset(current[shared], self._schema),
            _dataset(self._reference[shared], self._schema),
            timestamp=datetime.fromtimestamp(report_id.window_start / 1000, UTC),
            name=report_id.kind,
            tags=[report_id.kind],
        )
        self._store.save(snapshot, report_id, len(current))
        values = (metric["value"] for metric in snapshot.dict()["metrics"])
        return {column: float(value) for column, value in zip(columns, values, strict=False)}


def _dataset(rows: pd.DataFrame, schema: Schema) -> "Dataset":
    from evidently import DataDefinition, Dataset

    target = schema.target.name
    labelled = target in rows and PREDICTION in rows
    if labelled and _as_text(schema):
        rows = rows.astype({target: str, PREDICTION: str})
    numerical = [*schema.numerical, output_column(schema)]
    if schema.task.numeric:
        numerical.append(target)
    return Dataset.from_pandas(
        rows,
        DataDefinition(
            categorical_columns=[name for name in categorical_columns(schema) if name in rows],
            numerical_columns=[name for name in numerical if name in rows],
            **(_task(schema) if labelled else {}),
        ),
    )


def _as_text(schema: Schema) -> bool:
    """Whether Evidently gets the classes as texts: it takes two integers as 0 and 1."""
    if schema.task.numeric:
        return False
    classes = schema.classes
    return not classes.multiclass and not classes.textual and classes.values != (0, 1)


def _task(schema: Schema) -> dict[str, Any]:
    """What the columns of target and predictions are, as arguments of `DataDefinition`."""
    from evidently import Regression

    if schema.task.numeric:
        return {"regression": [Regression(target=schema.target.name, prediction=PREDICTION)]}
    return {"classification": [_classification(schema)]}


def _classification(schema: Schema) -> "BinaryClassification | MulticlassClassification":
    from evidently import BinaryClassification, MulticlassClassification

    target, positive = schema.target.name, schema.classes.positive
    if positive is None:
        return MulticlassClassification(target=target, prediction_labels=PREDICTION)
    return BinaryClassification(
        target=target,
        prediction_labels=PREDICTION,
        prediction_probas=PROBABILITY,
        pos_label=str(positive) if _as_text(schema) else positive,
    )
