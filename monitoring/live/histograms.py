"""Recent values of a column and those of the reference set, as histograms of equal bins. Pure.

The code depends only on whether a column is numerical or categorical.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct
from numpy.typing import NDArray

from monitoring.windows.distributions import OTHERS

MAX_BINS: Final = 36
MARGIN: Final = 0.2
"""Share of the reference's range that is drawn beyond either end, to show values that leave it."""

ROUND_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
"""Bin widths that are easy to read, times a power of ten."""


class BinnedDistribution(Struct, frozen=True):
    """A column's recent values and its reference, in the same bins.

    Attributes:
        column: Name of the column.
        numerical: Whether the bins are intervals; otherwise they are categories.
        bins: Lower edge of each interval, or the category.
        reference: Share of the reference's values in each bin, between 0 and 1.
        current: Share of the recent values in each bin, between 0 and 1.
        rows: Number of recent values.
        current_median: Median of the recent values; None for categories.
        reference_median: Median of the reference; None for categories.
    """

    column: str
    numerical: bool
    bins: list[str]
    reference: list[float]
    current: list[float]
    rows: int
    current_median: float | None = None
    reference_median: float | None = None


@dataclass(frozen=True)
class IntervalBins:
    """Intervals of equal width from `start` on. The outermost ones include what lies beyond."""

    start: float
    width: float
    count: int

    @property
    def labels(self) -> list[str]:
        """Lower edge of each interval."""
        return [f"{self.start + index * self.width:.6g}" for index in range(self.count)]

    def count_shares(self, values: "pd.Series[Any]") -> tuple[list[float], int]:
        """Returns the share of the values in each bin, and the number of values."""
        numbers = _finite(values)
        indexes = np.floor((numbers - self.start) / self.width)
        counts = np.bincount(
            np.clip(indexes, 0, self.count - 1).astype(np.int64), minlength=self.count
        )
        return _shares(counts, len(numbers)), len(numbers)


@dataclass(frozen=True)
class CategoryBins:
    """One bin for each of the most frequent categories, and one for the others if there are any."""

    names: list[str]
    has_others: bool

    @property
    def labels(self) -> list[str]:
        """The categories."""
        return [*self.names, *([OTHERS] if self.has_others else [])]

    def count_shares(self, values: "pd.Series[Any]") -> tuple[list[float], int]:
        """Returns the share of the values in each category, and the number of values."""
        counts = values.dropna().astype(str).value_counts()
        total = int(counts.sum())
        named = counts.reindex(self.names, fill_value=0).tolist()
        others = [total - sum(named)] if self.has_others else []
        return _shares([*named, *others], total), total


Bins = IntervalBins | CategoryBins


@dataclass(frozen=True)
class BinnedReference:
    """The reference set, with the bins that suit each of its columns."""

    bins: Mapping[str, Bins]
    rows: pd.DataFrame

    def compare(self, current: pd.DataFrame) -> list[BinnedDistribution]:
        """Returns a distribution for each column that both tables have."""
        return [
            _compare_column(name, bins, self.rows[name], current[name])
            for name, bins in self.bins.items()
            if name in current
        ]


def bin_reference(
    rows: pd.DataFrame, numerical: Iterable[str], categorical: Iterable[str]
) -> BinnedReference:
    """Chooses bins for the columns of a reference set; columns without a value are left out."""
    bins: dict[str, Bins] = {}
    for name in categorical:
        if name in rows and rows[name].notna().any():
            counts = rows[name].dropna().astype(str).value_counts()
            bins[name] = CategoryBins(sorted(counts.index[:MAX_BINS]), len(counts) > MAX_BINS)
    for name in numerical:
        if name in rows and len(_finite(rows[name])):
            bins[name] = _interval_bins(_finite(rows[name]))
    return BinnedReference(bins, rows)


def _compare_column(
    name: str, bins: Bins, reference: "pd.Series[Any]", current: "pd.Series[Any]"
) -> BinnedDistribution:
    reference_shares, _ = bins.count_shares(reference)
    current_shares, rows = bins.count_shares(current)
    numerical = isinstance(bins, IntervalBins)
    has_medians = numerical and rows > 0
    return BinnedDistribution(
        name,
        numerical,
        bins.labels,
        reference_shares,
        current_shares,
        rows,
        current_median=float(np.median(_finite(current))) if has_medians else None,
        reference_median=float(np.median(_finite(reference))) if has_medians else None,
    )


def _interval_bins(values: NDArray[np.float64]) -> IntervalBins:
    low, high = float(values.min()), float(values.max())
    extent = (high - low) or abs(low) or 1.0
    start = low - MARGIN * extent
    if low >= 0:
        start = max(0.0, start)
    width = _round_up((high + MARGIN * extent - start) / MAX_BINS)
    start = floor(start / width) * width
    return IntervalBins(start, width, ceil((high + MARGIN * extent - start) / width))


def _round_up(width: float) -> float:
    power = float(10 ** floor(log10(width)))
    return next(step * power for step in ROUND_STEPS if step * power >= width)


def _finite(values: "pd.Series[Any]") -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = values.to_numpy(np.float64)
    finite: NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return finite


def _shares(counts: Any, total: int) -> list[float]:
    return [round(float(count) / total, 4) if total else 0.0 for count in counts]
