"""How a column's values are spread: quantiles of numbers, shares of categories. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct

from contract.features import CATEGORICAL, NUMERICAL
from monitoring.drift.columns import PROBABILITY

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)

MOST_NAMES: Final = 5
"""Categories that are told apart, the most frequent of the reference; the others are one."""

OTHERS: Final = "others"


class Spread(Struct, frozen=True, omit_defaults=True):
    """Of a column; both are empty where it has no value.

    Attributes:
        quantiles: of numbers, at `QUANTILES`.
        shares: of categories, the share of the values that each name has, between 0 and 1.
    """

    quantiles: tuple[float, ...] = ()
    shares: dict[str, float] = {}


class Beside(Struct, frozen=True):
    """A window's spread, and that of the reference which it is compared with."""

    now: Spread
    reference: Spread


class Spreads:
    """Of a reference's columns, and of windows in the same terms."""

    def __init__(self, reference: pd.DataFrame) -> None:
        self._names = {name: _frequent(reference[name]) for name in CATEGORICAL}
        self._reference = self._of(reference)

    def beside(self, rows: pd.DataFrame) -> dict[str, Beside]:
        """Features and probability of a window's rows, beside the reference's."""
        return {
            name: Beside(now, self._reference[name])
            for name, now in self._of(rows).items()
            if now != Spread()
        }

    def _of(self, rows: pd.DataFrame) -> dict[str, Spread]:
        return {
            **{name: _of_names(rows[name], names) for name, names in self._names.items()},
            **{name: _of_numbers(rows[name]) for name in (*NUMERICAL, PROBABILITY)},
        }


def _of_numbers(values: "pd.Series[Any]") -> Spread:
    numbers = values.to_numpy(np.float64)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return Spread()
    return Spread(quantiles=tuple(float(f"{each:.6g}") for each in np.quantile(known, QUANTILES)))


def _of_names(values: "pd.Series[Any]", names: Sequence[str]) -> Spread:
    known = values.dropna().astype(str)
    if known.empty:
        return Spread()
    shares = known.value_counts(normalize=True)
    told = {name: round(float(shares.get(name, 0.0)), 4) for name in names}
    rest = round(float(shares.drop(names, errors="ignore").sum()), 4)
    return Spread(shares={**told, OTHERS: rest} if rest else told)


def _frequent(values: "pd.Series[Any]") -> list[str]:
    counts = values.dropna().astype(str).value_counts()
    return sorted(str(name) for name in counts.index[:MOST_NAMES])
