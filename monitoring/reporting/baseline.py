"""A reference set -> what windows are judged by: drift rule, calibration, spreads. Pure.

Of two classes the calibration is that of the latter; of several, of the class that is predicted.
"""

import numpy as np
import pandas as pd

from contract.classes import CLASSES, SEVERAL
from contract.features import TARGET
from monitoring.drift.columns import CORRECT, PREDICTION, PROBABILITY
from monitoring.drift.config import Tuning
from monitoring.drift.results import Verdict
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import State
from monitoring.drift.statistics import Values
from monitoring.performance_estimation.calibration import calibrate
from monitoring.performance_estimation.estimator import expected
from monitoring.performance_estimation.interval import Interval
from monitoring.reporting.reference import Reference
from monitoring.reporting.samples import with_correct, with_lacks
from monitoring.windows.distributions import Beside, Spreads


class Standard:
    """What the reference set of a model version, `version`, says of windows."""

    def __init__(self, reference: Reference, tuning: Tuning) -> None:
        rows = with_correct(with_lacks(reference.rows))
        self.version = reference.version
        self._rule = DriftRule(_columns(rows), tuning=tuning)
        self._spreads = Spreads(rows)
        came = rows[CORRECT] if SEVERAL else rows[TARGET] == CLASSES[1]
        self._calibration = calibrate(rows[PROBABILITY].to_numpy(), came.to_numpy(np.float64))

    def made(self, state: State) -> bool:
        """Whether the state is of windows that were held against this reference."""
        return self._rule.reference == state.reference

    def judge(self, state: State, start: int, rows: pd.DataFrame) -> tuple[State, Verdict]:
        """What the rule makes of these columns of the window that starts at `start` (ms)."""
        return self._rule.check(state, start, _columns(rows))

    def spreads(self, rows: pd.DataFrame) -> dict[str, Beside]:
        """How the columns of these rows are spread, beside the reference's."""
        return self._spreads.beside(rows)

    def expected(self, rows: pd.DataFrame, population: int) -> Interval | None:
        """The accuracy to expect of predicted rows, a sample of `population`; None of nothing."""
        claims = np.full(len(rows), True) if SEVERAL else rows[PREDICTION] == CLASSES[1]
        probability = rows[PROBABILITY].to_numpy()
        return expected(probability, claims, self._calibration, population).accuracy


def _columns(rows: pd.DataFrame) -> dict[str, Values]:
    return {str(name): column.to_numpy() for name, column in rows.items()}
