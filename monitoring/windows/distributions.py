"""Distributions of a window's columns beside the reference's: quantiles and shares. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct

from contract.schema import Schema
from monitoring.drift.columns import output_column

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)

MAX_CATEGORIES: Final = 5
"""Categories with a share of their own, the most frequent of the reference."""

OTHERS: Final = "others"
"""Stands for all other categories."""


class Distribution(Struct, frozen=True, omit_defaults=True):
    """Distribution of a column. Both attributes are empty where it has no values.

    Attributes:
        quantiles: Of a number, at `QUANTILES`.
        shares: Of a category, the share of the values by category, between 0 and 1.
    """

    quantiles: tuple[float, ...] = ()
    shares: dict[str, float] = {}


class DistributionPair(Struct, frozen=True):
    """A column's distribution in a window, and in the reference that it is compared with."""

    current: Distribution
    reference: Distribution


class ReferenceDistributions:
    """Distributions of a reference set's columns."""

    def __init__(self, reference: pd.DataFrame, schema: Schema) -> None:
        self._numbers = (*schema.numerical, output_column(schema))
        self._categories = {name: _most_frequent(reference[name]) for name in schema.categorical}
        self._reference = self._distributions(reference)

    def compare(self, rows: pd.DataFrame) -> dict[str, DistributionPair]:
        """Pairs the features and the model's outputs of a window's rows with the reference's.

        Columns without values are left out.
        """
        return {
            name: DistributionPair(current, self._reference[name])
            for name, current in self._distributions(rows).items()
            if current != Distribution()
        }

    def _distributions(self, rows: pd.DataFrame) -> dict[str, Distribution]:
        return {
            **{name: _shares(rows[name], names) for name, names in self._categories.items()},
            **{name: _quantiles(rows[name]) for name in self._numbers},
        }


def _quantiles(values: "pd.Series[Any]") -> Distribution:
    numbers = values.to_numpy(np.float64)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return Distribution()
    with np.errstate(over="ignore", invalid="ignore"):
        quantiles = np.quantile(finite, QUANTILES)
    if not np.isfinite(quantiles).all():  # JSON has no infinity
        return Distribution()
    return Distribution(quantiles=tuple(float(f"{each:.6g}") for each in quantiles))


def _shares(values: "pd.Series[Any]", names: Sequence[str]) -> Distribution:
    present = values.dropna().astype(str)
    if present.empty:
        return Distribution()
    shares = present.value_counts(normalize=True)
    by_name = {name: round(float(shares.get(name, 0.0)), 4) for name in names}
    rest = round(float(shares.drop(names, errors="ignore").sum()), 4)
    return Distribution(shares={**by_name, OTHERS: rest} if rest else by_name)


def _most_frequent(values: "pd.Series[Any]") -> list[str]:
    counts = values.dropna().astype(str).value_counts()
    return sorted(str(name) for name in counts.index[:MAX_CATEGORIES])
