"""A reference set -> what windows are compared with: drift rule, calibration, distributions. Pure.

With two classes, the calibration is that of the second; with more, of the predicted class. Numbers
have none.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from contract.schema import Schema
from contract.schema.classes import Classes
from monitoring.drift.columns import (
    CORRECT,
    INTERVAL_HIGH,
    INTERVAL_LOW,
    PREDICTION,
    PROBABILITY,
    watched_columns,
)
from monitoring.drift.config import DriftConfig
from monitoring.drift.results import WindowResult
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState
from monitoring.drift.statistics import Values
from monitoring.performance_estimation.calibration import Calibration, fit_calibration
from monitoring.performance_estimation.estimator import estimate_performance
from monitoring.performance_estimation.interval import ConfidenceInterval
from monitoring.reporting.reference import ReferenceSet
from monitoring.reporting.samples import with_missing_indicators, with_performance
from monitoring.windows.distributions import DistributionPair, ReferenceDistributions


class Baseline:
    """What follows from the reference set of one model version.

    Attributes:
        version: The model version.
    """

    def __init__(self, reference: ReferenceSet, config: DriftConfig) -> None:
        schema = reference.schema
        rows = with_missing_indicators(reference.rows, schema)
        rows = with_performance(_with_intervals(rows, reference), schema)
        self._task = schema.task
        self.version = reference.version
        self._rule = DriftRule(_columns(rows), watched_columns(schema), config)
        self._distributions = ReferenceDistributions(rows, schema)
        self._calibration = _calibration(rows, schema) if isinstance(schema.task, Classes) else None

    def matches(self, state: DriftState) -> bool:
        """Whether the state is of windows that were compared with this reference."""
        return self._rule.reference == state.reference

    def check_drift(
        self, state: DriftState, start: int, rows: pd.DataFrame
    ) -> tuple[DriftState, WindowResult]:
        """Applies the drift rule to the columns of the window that starts at `start` (ms)."""
        return self._rule.check(state, start, _columns(rows))

    def revise_drift(
        self, state: DriftState, start: int, rows: pd.DataFrame, in_alarm: Collection[str]
    ) -> tuple[DriftState, WindowResult]:
        """Applies the drift rule to a window that has its late records, see `DriftRule.revise`."""
        return self._rule.revise(state, start, _columns(rows), in_alarm)

    def compare_distributions(self, rows: pd.DataFrame) -> dict[str, DistributionPair]:
        """Pairs the distributions of a window's columns with the reference's."""
        return self._distributions.compare(rows)

    def estimate_accuracy(self, rows: pd.DataFrame, population: int) -> ConfidenceInterval | None:
        """Estimates the accuracy of predicted rows, a sample of `population`.

        None without rows, and of numbers: nothing says how far a single one is wrong.
        """
        task = self._task
        if self._calibration is None or not isinstance(task, Classes):
            return None
        positive = (
            np.full(len(rows), True) if task.multiclass else rows[PREDICTION] == task.positive
        )
        probability = rows[PROBABILITY].to_numpy()
        return estimate_performance(probability, positive, self._calibration, population).accuracy


def _with_intervals(rows: pd.DataFrame, reference: ReferenceSet) -> pd.DataFrame:
    """Adds the intervals that the version gives numbers; the rows of classes stay as they are."""
    task = reference.schema.task
    if not task.numeric:
        return rows
    _, intervals = task.report(rows[PREDICTION].to_numpy(np.float64), reference.rule)
    missing = (np.nan, np.nan)
    ends = np.array([each or missing for each in intervals], np.float64).reshape(-1, 2)
    return rows.assign(**{INTERVAL_LOW: ends[:, 0], INTERVAL_HIGH: ends[:, 1]})


def _calibration(rows: pd.DataFrame, schema: Schema) -> Calibration:
    classes = schema.classes
    happened = rows[CORRECT] if classes.multiclass else rows[schema.target.name] == classes.positive
    return fit_calibration(rows[PROBABILITY].to_numpy(), happened.to_numpy(np.float64))


def _columns(rows: pd.DataFrame) -> dict[str, Values]:
    return {str(name): column.to_numpy() for name, column in rows.items()}
