"""Evidently's default drift tests, called as its reports call them. Takes seconds to import."""

from collections.abc import Callable
from typing import Final

import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType

from benchmarks.drift.detectors import WATCHED, Detector
from contract.schema import CARS

DRIFT_SHARE: Final = 0.5
"""The share of columns from which on `DataDriftPreset` says that the data set has drifted."""


class EvidentlyDefault:
    """The test and the threshold that Evidently chooses for each column when none is given."""

    def __init__(self, reference: pd.DataFrame, share: float = 0.0) -> None:
        """With a share, columns are in alarm only if that share of them is."""
        self._reference = reference
        self._share = share

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """See `Detector.alarms`."""
        drifted = {name for name in WATCHED if self._drifted(name, window)}
        return drifted if len(drifted) >= self._share * len(WATCHED) else set()

    def _drifted(self, name: str, window: pd.DataFrame) -> bool:
        kind = ColumnType.Numerical if name in CARS.numerical else ColumnType.Categorical
        then, now = self._reference[name], window[name]
        test = get_stattest(then, now, kind, None)
        return bool(test(then, now, kind, None).drifted)


def any_column(reference: pd.DataFrame) -> Detector:
    """An alarm is any column that Evidently calls drifted."""
    return EvidentlyDefault(reference)


def data_set(reference: pd.DataFrame) -> Detector:
    """An alarm is a data set that Evidently calls drifted."""
    return EvidentlyDefault(reference, DRIFT_SHARE)


DEFAULTS: Final[dict[str, Callable[[pd.DataFrame], Detector]]] = {
    "Evidently's defaults, any column": any_column,
    "Evidently's defaults, data set": data_set,
}
