"""A column's rows -> what of it is compared: means over rows, so that windows add up. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Values: TypeAlias = "Sequence[Any] | NDArray[Any]"

REACH: Final = 4.0
"""Interquartile ranges from the median beyond which a number counts as if it lay there, so that no
single record, whatever is in it, moves a window."""


class Trait(Struct, frozen=True):
    """Something of a column that has a mean.

    Attributes:
        kind: the number itself, its distance from the reference's median, whether the value is
            `category`, or whether it is one that the reference does not have.
    """

    kind: Literal["level", "spread", "share", "unknown"]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The means of the traits, shape (traits,), over the rows that have a value."""

    rows: int
    missing: int
    means: Floats
    constant: bool


class Measure(Protocol):
    """Takes the means of a column's traits."""

    @property
    def traits(self) -> tuple[Trait, ...]:
        """What is measured."""

    def __call__(self, values: Values) -> Measured:
        """Measures values, shape (n,); None, NaN and what is no number are missing."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Level and spread of a numerical column, within bounds."""

    low: float
    high: float
    middle: float
    traits: tuple[Trait, ...] = (Trait("level"), Trait("spread"))

    @classmethod
    def of(cls, reference: Floats) -> "Numbers":
        """For a column with these values in the reference, none of them missing, at least one."""
        quarter, middle, three_quarters = np.quantile(reference, (0.25, 0.5, 0.75))
        reach = REACH * (three_quarters - quarter) or np.ptp(reference)
        return cls(float(middle - reach), float(middle + reach), float(middle))

    def __call__(self, values: Values) -> Measured:
        """As `Measure` says."""
        known = numbers(values)
        bounded = np.clip(known, self.low, self.high)
        means = np.full(2, np.nan)
        if len(known):
            means = np.array([bounded.mean(), np.abs(bounded - self.middle).mean()])
        constant = len(known) > 0 and bool(np.ptp(known) == 0)
        return Measured(len(known), len(values) - len(known), means, constant)

    def rows(self, reference: Floats) -> Floats:
        """The traits row by row, shape (traits, n)."""
        bounded = np.clip(reference, self.low, self.high)
        return np.stack([bounded, np.abs(bounded - self.middle)])


@dataclass(frozen=True, slots=True)
class Categories:
    """Shares of a categorical column's values; of two values, the share of the latter."""

    known: frozenset[str]
    traits: tuple[Trait, ...]

    @classmethod
    def of(cls, reference: "Counter[str]", most: int = 20) -> "Categories":
        """For a column with these values in the reference; of many, only the `most` common."""
        common = sorted(name for name, _ in reference.most_common(most))
        watched = common[1:] if len(common) == 2 else common
        shares = tuple(Trait("share", name) for name in watched)
        return cls(frozenset(reference), (*shares, Trait("unknown")))

    def __call__(self, values: Values) -> Measured:
        """As `Measure` says."""
        counts = names(values)
        rows = counts.total()
        found = [self._count(trait, counts) for trait in self.traits]
        means = np.array(found) / rows if rows else np.full(len(found), np.nan)
        return Measured(rows, len(values) - rows, means, len(counts) == 1)

    def _count(self, trait: Trait, counts: "Counter[str]") -> int:
        if trait.kind == "unknown":
            return sum(count for name, count in counts.items() if name not in self.known)
        return counts[trait.category]


def numbers(values: Values) -> Floats:
    """The finite numbers among the values."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array([_number(value) for value in values], dtype=np.float64)
    return found[np.isfinite(found)]


def names(values: Values) -> "Counter[str]":
    """How often each value is there, as text; 1 and 1.0 are the same."""
    counts: Counter[str] = Counter()
    for value, count in Counter(
        values.tolist() if isinstance(values, np.ndarray) else values
    ).items():
        name = _name(value)
        if name is not None:
            counts[name] += count
    return counts


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def _name(value: Any) -> str | None:
    if value is None or value != value:  # noqa: PLR0124  NaN, of whatever type
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
