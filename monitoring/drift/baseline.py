"""The reference set -> what each column's windows are held against. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from monitoring.drift.columns import Column
from monitoring.drift.results import Reason
from monitoring.drift.statistics import (
    Categories,
    Floats,
    Measure,
    Numbers,
    Trait,
    Values,
    names,
    numbers,
)

PSEUDO_ROWS: Final = 10.0
"""Rows of each kind that are added before a share's standard deviation is taken: a category that
1,000 rows happen not to hold is not impossible (Agresti and Coull, American Statistician 52, 1998,
add half of the squared threshold, which here is 9 to 10)."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """One column of the reference.

    Attributes:
        rows: values of the reference, a sample like the windows.
        means, deviations: of the traits, shape (traits,).
    """

    column: Column
    rows: int
    measure: Measure
    means: Floats
    deviations: Floats

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What is compared."""
        return self.measure.traits

    def effects(self, means: Floats) -> Floats:
        """Differences from the reference in its standard deviations, shape (..., traits)."""
        return (means - self.means) / self.deviations


Baselines = dict[str, "Baseline | Reason"]
"""By column: the baseline, or why there is none."""


def baselines(
    columns: Iterable[Column], reference: Mapping[str, Values], least_rows: int
) -> Baselines:
    """The baseline of each column; the reference's are of shape (n,)."""
    return {
        column.name: _baseline(column, reference.get(column.name, ()), least_rows)
        for column in columns
    }


def fingerprint(known: Iterable[Baseline]) -> str:
    """A name for these baselines: others have another."""
    told = [
        (each.column.name, each.rows, each.means.tolist(), each.deviations.tolist())
        for each in known
    ]
    return sha256(msgspec.json.encode(told)).hexdigest()[:16]


def _baseline(column: Column, values: Values, least_rows: int) -> Baseline | Reason:
    return (
        _numbers(column, values, least_rows)
        if column.numerical
        else _categories(column, values, least_rows)
    )


def _numbers(column: Column, values: Values, least_rows: int) -> Baseline | Reason:
    known = numbers(values)
    if len(known) < least_rows:
        return Reason.NO_REFERENCE
    if np.ptp(known) == 0:
        return Reason.CONSTANT_REFERENCE
    measure = Numbers.of(known)
    rows = measure.rows(known)
    # Two values that are equally common are equally far from the median: their spread is constant.
    deviations = np.where(np.ptp(rows, axis=1) > 0, rows.std(axis=1, ddof=1), np.inf)
    return Baseline(column, len(known), measure, rows.mean(axis=1), deviations)


def _categories(column: Column, values: Values, least_rows: int) -> Baseline | Reason:
    counts = names(values)
    if counts.total() < least_rows:
        return Reason.NO_REFERENCE
    measure = Categories.of(counts)
    measured = measure(values)
    smooth = (measured.means * measured.rows + PSEUDO_ROWS) / (measured.rows + 2 * PSEUDO_ROWS)
    return Baseline(column, measured.rows, measure, measured.means, np.sqrt(smooth * (1 - smooth)))
