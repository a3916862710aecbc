"""A reference set -> what windows are judged by: drift rule, calibration, spreads. Pure."""

import pandas as pd

from contract.features import TARGET
from monitoring.drift.columns import PREDICTION
from monitoring.drift.finding import Verdict
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import State
from monitoring.drift.traits import Values
from monitoring.drift.tuning import Tuning
from monitoring.expected.accuracy import expected
from monitoring.expected.calibration import calibrate
from monitoring.expected.interval import Interval
from monitoring.reports.reference import Reference
from monitoring.reports.spread import Beside, Spreads
from monitoring.reports.table import PROBABILITY, with_correct


class Standard:
    """What the reference set of a model version, `version`, says of windows."""

    def __init__(self, reference: Reference, tuning: Tuning) -> None:
        rows = reference.rows
        self.version = reference.version
        self._rule = DriftRule(_columns(with_correct(rows)), tuning=tuning)
        self._spreads = Spreads(rows)
        self._calibration = calibrate(rows[PROBABILITY].to_numpy(), rows[TARGET].to_numpy())

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
        probability, prediction = rows[PROBABILITY].to_numpy(), rows[PREDICTION].to_numpy()
        return expected(probability, prediction, self._calibration, population).accuracy


def _columns(rows: pd.DataFrame) -> dict[str, Values]:
    return {str(name): column.to_numpy() for name, column in rows.items()}
