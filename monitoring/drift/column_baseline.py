"""The reference set -> the baseline of each column that windows are compared with. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from monitoring.drift.columns import WatchedColumn
from monitoring.drift.results import ComparisonStatus
from monitoring.drift.statistics import (
    CategoryStatistics,
    ColumnStatistics,
    Floats,
    NumberStatistics,
    Statistic,
    Values,
    count_categories,
    finite_numbers,
)

PSEUDO_ROWS: Final = 10.0
"""Rows with and without a category that are added before a share's standard deviation is computed:
a category that 1,000 rows happen not to have is not impossible (Agresti and Coull, American
Statistician 52, 1998, add half of the squared threshold, which here is 9 to 10)."""


@dataclass(frozen=True, slots=True)
class ColumnBaseline:
    """A column of the reference set.

    Attributes:
        rows: Rows of the reference with a value; they are a sample, as a window's are.
        measurer: Computes the statistics of this column.
        means: The statistics of the reference, shape (statistics,).
        standard_deviations: Those of the statistics over the reference's rows, same shape.
    """

    column: WatchedColumn
    rows: int
    measurer: ColumnStatistics
    means: Floats
    standard_deviations: Floats

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """The statistics, in the order of `means`."""
        return self.measurer.statistics

    def effect_sizes(self, means: Floats) -> Floats:
        """Differences from the reference in its standard deviations, shape (..., statistics)."""
        return (means - self.means) / self.standard_deviations


ColumnBaselines = dict[str, "ColumnBaseline | ComparisonStatus"]
"""By column: its baseline, or why it has none."""


def column_baselines(
    columns: Iterable[WatchedColumn], reference: Mapping[str, Values], min_rows: int
) -> ColumnBaselines:
    """Builds the baseline of each column. The reference's columns have shape (n,)."""
    return {
        column.name: _baseline(column, reference.get(column.name, ()), min_rows)
        for column in columns
    }


def fingerprint(baselines: Iterable[ColumnBaseline]) -> str:
    """A hash that identifies these baselines."""
    content = [
        (each.column.name, each.rows, each.means.tolist(), each.standard_deviations.tolist())
        for each in baselines
    ]
    return sha256(msgspec.json.encode(content)).hexdigest()[:16]


def _baseline(
    column: WatchedColumn, values: Values, min_rows: int
) -> ColumnBaseline | ComparisonStatus:
    return (
        _numerical(column, values, min_rows)
        if column.numerical
        else _categorical(column, values, min_rows)
    )


def _numerical(
    column: WatchedColumn, values: Values, min_rows: int
) -> ColumnBaseline | ComparisonStatus:
    numbers = finite_numbers(values)
    if len(numbers) < min_rows:
        return ComparisonStatus.NO_REFERENCE
    if np.ptp(numbers) == 0:
        return ComparisonStatus.CONSTANT_REFERENCE
    measurer = NumberStatistics.from_reference(numbers)
    rows = measurer.per_row(numbers)
    # Two equally common values are equally far from the median: their deviation is constant.
    deviations = np.where(np.ptp(rows, axis=1) > 0, rows.std(axis=1, ddof=1), np.inf)
    return ColumnBaseline(column, len(numbers), measurer, rows.mean(axis=1), deviations)


def _categorical(
    column: WatchedColumn, values: Values, min_rows: int
) -> ColumnBaseline | ComparisonStatus:
    counts = count_categories(values)
    if counts.total() < min_rows:
        return ComparisonStatus.NO_REFERENCE
    measurer = CategoryStatistics.from_reference(counts)
    measured = measurer.measure_counts(counts, len(values))
    smooth = (measured.means * measured.rows + PSEUDO_ROWS) / (measured.rows + 2 * PSEUDO_ROWS)
    deviations = np.sqrt(smooth * (1 - smooth))
    return ColumnBaseline(column, measured.rows, measurer, measured.means, deviations)
