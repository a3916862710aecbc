"""A column's values beside those of the reference, as shares that can be drawn. Pure.

Nothing here knows a column: whether it is of numbers or of categories is all that matters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Final

import numpy as np
import pandas as pd
from msgspec import Struct
from numpy.typing import NDArray

MOST_BARS: Final = 36
MARGIN: Final = 0.2
"""Share of the reference's width that is drawn beyond it at either side, to see what leaves it."""

STEPS: Final = (1.0, 2.0, 5.0, 10.0)
"""Widths of a bar that people read with ease, times a power of ten."""


class Picture(Struct, frozen=True):
    """A column now and in the reference.

    Attributes:
        labels: of the bars; of numbers, from where on each bar is.
        reference, current: share of the values in each bar, between 0 and 1.
        rows: values that `current` is of.
        middle: what is in the middle of them, and of the reference: medians; None of categories.
    """

    name: str
    numerical: bool
    labels: list[str]
    reference: list[float]
    current: list[float]
    rows: int
    middle: tuple[float, float] | None = None


@dataclass(frozen=True)
class Numbers:
    """Bars of equal width from `start` on; what lies beyond is in the outermost."""

    start: float
    step: float
    bars: int

    @property
    def labels(self) -> list[str]:
        """Where each bar begins."""
        return [f"{self.start + bar * self.step:.6g}" for bar in range(self.bars)]

    def shares(self, values: "pd.Series[Any]") -> tuple[list[float], int]:
        """The share of the values in each bar, and how many values there are."""
        numbers = _known(values)
        places = np.floor((numbers - self.start) / self.step)
        counts = np.bincount(
            np.clip(places, 0, self.bars - 1).astype(np.int64), minlength=self.bars
        )
        return _shares(counts, len(numbers)), len(numbers)


@dataclass(frozen=True)
class Categories:
    """A bar for each name."""

    labels: list[str]

    def shares(self, values: "pd.Series[Any]") -> tuple[list[float], int]:
        """The share of the values that have each name, and how many values there are."""
        counts = values.dropna().astype(str).value_counts()
        return _shares(counts.reindex(self.labels, fill_value=0), int(counts.sum())), int(
            counts.sum()
        )


Scale = Numbers | Categories


@dataclass(frozen=True)
class Reference:
    """The reference's columns, each on the scale that its pictures have."""

    scales: Mapping[str, Scale]
    rows: pd.DataFrame

    def pictures(self, current: pd.DataFrame) -> list[Picture]:
        """A picture for each column that the reference and the table have."""
        return [
            _picture(name, scale, self.rows[name], current[name])
            for name, scale in self.scales.items()
            if name in current
        ]


def reference(
    rows: pd.DataFrame, numerical: Iterable[str], categorical: Iterable[str]
) -> Reference:
    """The scales that suit the reference's columns; a column without any value has no picture."""
    scales: dict[str, Scale] = {}
    for name in categorical:
        if name in rows and rows[name].notna().any():
            scales[name] = Categories(sorted(rows[name].dropna().astype(str).unique()))
    for name in numerical:
        if name in rows and len(_known(rows[name])):
            scales[name] = _numbers(_known(rows[name]))
    return Reference(scales, rows)


def _picture(
    name: str, scale: Scale, reference: "pd.Series[Any]", current: "pd.Series[Any]"
) -> Picture:
    before, _ = scale.shares(reference)
    now, rows = scale.shares(current)
    numerical = isinstance(scale, Numbers)
    middle = None
    if numerical and rows:
        middle = float(np.median(_known(current))), float(np.median(_known(reference)))
    return Picture(name, numerical, scale.labels, before, now, rows, middle)


def _numbers(values: NDArray[np.float64]) -> Numbers:
    low, high = float(values.min()), float(values.max())
    width = (high - low) or abs(low) or 1.0
    beyond = low - MARGIN * width
    start = max(0.0, beyond) if low >= 0 else beyond
    step = _step((high + MARGIN * width - start) / MOST_BARS)
    start = floor(start / step) * step
    return Numbers(start, step, ceil((high + MARGIN * width - start) / step))


def _step(least: float) -> float:
    power = float(10 ** floor(log10(least)))
    return next(each * power for each in STEPS if each * power >= least)


def _known(values: "pd.Series[Any]") -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = values.to_numpy(np.float64)
    known: NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return known


def _shares(counts: Any, total: int) -> list[float]:
    return [round(float(count) / total, 4) if total else 0.0 for count in counts]
