"""A column's rows -> its statistics: means over rows, so that windows can be pooled. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Values: TypeAlias = "Sequence[Any] | NDArray[Any]"

CLIP_IQRS: Final = 4.0
"""Interquartile ranges from the median at which numbers are clipped (winsorised), so that no single
record moves a window."""


class Statistic(Struct, frozen=True):
    """A statistic of a column.

    Attributes:
        kind: The mean; the mean absolute deviation from the reference's median; the share of
            `category`; or the share of values that the reference does not have.
    """

    kind: Literal["mean", "deviation", "share", "unseen"]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Statistics of a window's column.

    Attributes:
        rows: Rows with a value.
        missing: Rows without one.
        means: The statistics, shape (statistics,), over the rows with a value.
        constant: Whether all values are the same.
    """

    rows: int
    missing: int
    means: Floats
    constant: bool


class ColumnStatistics(Protocol):
    """Computes the statistics of one column."""

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """The statistics, in the order of `Measurement.means`."""

    def measure(self, values: Values) -> Measurement:
        """Measures values, shape (n,). None, NaN and, for numbers, other types are missing."""


@dataclass(frozen=True, slots=True)
class NumberStatistics:
    """Mean and mean absolute deviation of a numerical column, clipped to `low` and `high`."""

    low: float
    high: float
    median: float
    statistics: tuple[Statistic, ...] = (Statistic("mean"), Statistic("deviation"))

    @classmethod
    def from_reference(cls, reference: Floats) -> "NumberStatistics":
        """Takes the bounds from the reference's values: none missing, at least one."""
        quarter, median, three_quarters = np.quantile(reference, (0.25, 0.5, 0.75))
        width = CLIP_IQRS * (three_quarters - quarter) or np.ptp(reference)
        return cls(float(median - width), float(median + width), float(median))

    def measure(self, values: Values) -> Measurement:
        """See `ColumnStatistics.measure`."""
        numbers = finite_numbers(values)
        clipped = np.clip(numbers, self.low, self.high)
        means = np.full(2, np.nan)
        if len(numbers):
            means = np.array([clipped.mean(), np.abs(clipped - self.median).mean()])
        constant = len(numbers) > 0 and bool(np.ptp(numbers) == 0)
        return Measurement(len(numbers), len(values) - len(numbers), means, constant)

    def per_row(self, numbers: Floats) -> Floats:
        """The statistics of each row, shapes (n,) to (statistics, n)."""
        clipped = np.clip(numbers, self.low, self.high)
        return np.stack([clipped, np.abs(clipped - self.median)])


@dataclass(frozen=True, slots=True)
class CategoryStatistics:
    """Shares of a categorical column's values; of two values, the share of the second."""

    reference_categories: frozenset[str]
    statistics: tuple[Statistic, ...]

    @classmethod
    def from_reference(
        cls, reference: "Counter[str]", max_categories: int = 20
    ) -> "CategoryStatistics":
        """Takes the reference's most common categories, at most `max_categories`."""
        common = sorted(name for name, _ in reference.most_common(max_categories))
        watched = common[1:] if len(common) == 2 else common
        shares = tuple(Statistic("share", name) for name in watched)
        return cls(frozenset(reference), (*shares, Statistic("unseen")))

    def measure(self, values: Values) -> Measurement:
        """See `ColumnStatistics.measure`."""
        return self.measure_counts(count_categories(values), len(values))

    def measure_counts(self, counts: "Counter[str]", values: int) -> Measurement:
        """The same of `values` values that have been counted."""
        rows = counts.total()
        of_statistics = [self._count(statistic, counts) for statistic in self.statistics]
        means = np.array(of_statistics) / rows if rows else np.full(len(of_statistics), np.nan)
        return Measurement(rows, values - rows, means, len(counts) == 1)

    def _count(self, statistic: Statistic, counts: "Counter[str]") -> int:
        if statistic.kind == "unseen":
            return sum(
                count for name, count in counts.items() if name not in self.reference_categories
            )
        return counts[statistic.category]


def finite_numbers(values: Values) -> Floats:
    """The finite numbers among the values."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.array([_number(value) for value in values], dtype=np.float64)
    return numbers[np.isfinite(numbers)]


def count_categories(values: Values) -> "Counter[str]":
    """Counts the values as text; 1 and 1.0 are the same, None and NaN are left out."""
    counts: Counter[str] = Counter()
    for value, count in _count_values(values):
        name = _category(value)
        if name is not None:
            counts[name] += count
    return counts


def _count_values(values: Values) -> Iterable[tuple[Any, int]]:
    if isinstance(values, np.ndarray) and not values.dtype.hasobject:
        distinct, counts = np.unique(values, return_counts=True)
        return zip(distinct.tolist(), counts.tolist(), strict=True)
    return Counter(values.tolist() if isinstance(values, np.ndarray) else values).items()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _category(value: Any) -> str | None:
    if value is None or value != value:  # noqa: PLR0124  NaN, of whatever type
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
