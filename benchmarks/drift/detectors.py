"""The drift detectors that are compared, each as it is used by default, behind one interface."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import pandas as pd
from river.drift import ADWIN, PageHinkley
from scipy.stats import chi2_contingency, ks_2samp

from benchmarks.drift.streams import PREDICTION, columns
from contract.schema import CARS
from monitoring.drift.columns import watched_columns
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState

WATCHED: Final = (*CARS.features, PREDICTION, CARS.target.name)
ALPHA: Final = 0.05
PSI_LIMIT: Final = 0.2


class Detector(Protocol):
    """Made from a reference set; sees its windows in order."""

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """The columns in alarm in this window."""


Factory: TypeAlias = Callable[[pd.DataFrame], Detector]


class DriftRuleDetector:
    """The drift rule of the project with its default parameters."""

    def __init__(self, reference: pd.DataFrame) -> None:
        self._rule = DriftRule(columns(reference), watched_columns(CARS))
        self._state = DriftState()
        self._windows = 0

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """See `Detector.alarms`."""
        self._windows += 1
        start = 60_000 * self._windows
        self._state, result = self._rule.check(self._state, start, columns(window))
        return set(result.drifted_columns)


class KolmogorovSmirnov:
    """Per window: two-sample KS for numbers, chi-squared for the rest, at 0.05 with Bonferroni."""

    def __init__(self, reference: pd.DataFrame) -> None:
        self._reference = reference

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """See `Detector.alarms`."""
        return {name for name in WATCHED if self._p(name, window) < ALPHA / len(WATCHED)}

    def _p(self, name: str, window: pd.DataFrame) -> float:
        if name in CARS.numerical:
            return float(ks_2samp(self._reference[name], window[name], method="asymp").pvalue)
        counts = pd.DataFrame(
            {"then": self._reference[name].value_counts(), "now": window[name].value_counts()}
        )
        table = counts.fillna(0).to_numpy()
        return float(chi2_contingency(table, correction=False).pvalue) if len(table) > 1 else 1.0


class StabilityIndex:
    """Population stability index above 0.2, over deciles of the reference or categories."""

    def __init__(self, reference: pd.DataFrame) -> None:
        self._edges = {
            name: np.unique(np.quantile(reference[name], np.linspace(0.1, 0.9, 9)))
            for name in CARS.numerical
        }
        self._shares = {name: self._share(name, reference) for name in WATCHED}

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """See `Detector.alarms`."""
        return {name for name in WATCHED if self._index(name, window) > PSI_LIMIT}

    def _index(self, name: str, window: pd.DataFrame) -> float:
        then, now = self._shares[name].align(self._share(name, window), fill_value=0.0)
        then, now = then.clip(lower=1e-4), now.clip(lower=1e-4)
        return float(((now - then) * np.log(now / then)).sum())

    def _share(self, name: str, rows: pd.DataFrame) -> "pd.Series[float]":
        values = rows[name]
        if name in CARS.numerical:
            values = pd.Series(np.searchsorted(self._edges[name], values, side="left"))
        return values.value_counts(normalize=True)


class RowByRow:
    """A detector of `river` on each column, one row after the other; first the reference's rows.

    Numbers are standardised by the reference, categories are 0 and 1.
    """

    def __init__(self, reference: pd.DataFrame, kind: Callable[[], Any]) -> None:
        coded = _coded(reference)
        self._middle, self._scale = coded.mean(), coded.std()
        self._detectors: Mapping[str, Any] = {name: kind() for name in WATCHED}
        self.alarms(reference)

    def alarms(self, window: pd.DataFrame) -> set[str]:
        """See `Detector.alarms`: those that signalled on some row of the window."""
        rows = (_coded(window) - self._middle) / self._scale
        return {name for name in WATCHED if self._signals(name, rows[name].tolist())}

    def _signals(self, name: str, values: list[float]) -> bool:
        detector, signalled = self._detectors[name], False
        for value in values:
            detector.update(value)
            signalled = signalled or detector.drift_detected
        return signalled


def _coded(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(WATCHED)].assign(Gender=rows["Gender"].eq("Male").astype(float))


def adwin(reference: pd.DataFrame) -> Detector:
    """ADWIN (Bifet and Gavalda, SDM 2007) as `river` sets it."""
    return RowByRow(reference, ADWIN)


def page_hinkley(reference: pd.DataFrame) -> Detector:
    """Page-Hinkley (Page, Biometrika 41, 1954) as `river` sets it."""
    return RowByRow(reference, PageHinkley)
