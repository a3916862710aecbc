"""What a table is: its columns, what each may hold, and what is predicted. Plain data."""

from math import isfinite
from typing import Annotated, Final

from msgspec import Meta, Struct

RESERVED: Final = frozenset(("id", "event_time", "source", "prediction", "probability", "correct"))
"""Names that a record, a prediction or a table of ours has already."""

MISSING: Final = " missing"
"""What follows a column's name in that of the column which tells where it has no value."""

LARGEST_WHOLE: Final = 2**53
"""Up to here 64-bit floating point has every whole number."""

MOST_CLASSES: Final = 16
"""A window keeps a class and a model's version in one byte."""

Name = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
Text = Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]{0,98}[^\s\x00-\x1f])?$")]
"""One line without blanks at its ends, as a cell of a CSV file is read."""


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature: of categories if it has `values`, of numbers if it has a `range`.

    Attributes:
        values: all that it may be.
        range: the least and the most.
        whole: numbers without a fraction.
        missing: a record may lack it.
        unit: said after a difference of two numbers.
        words: what it means.
    """

    name: Name
    values: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    range: tuple[float, float] | None = None
    whole: bool = False
    missing: bool = False
    unit: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for what does not fit together."""
        if self.name in RESERVED:
            raise ValueError(f"{self.name} is a name that we need ourselves: take another")
        if bool(self.values) == (self.range is not None):
            raise ValueError(f"{self.name} needs either values or a range")
        if self.range is None:
            if self.whole or self.unit:
                raise ValueError(f"{self.name} is no number: whole and unit go with a range")
            _check_distinct(self.name, self.values)
        else:
            _check_range(self.name, self.range, self.whole)

    @property
    def numerical(self) -> bool:
        """Whether it holds numbers; else categories."""
        return self.range is not None


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """What is predicted.

    Attributes:
        classes: all that it may be, texts or whole numbers; of two, the latter is the one whose
            probability is told.
        labels: how people say each, if not as it is.
    """

    name: Name
    classes: Annotated[tuple[int | Text, ...], Meta(min_length=2, max_length=MOST_CLASSES)]
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError` for what does not fit together."""
        if self.name in RESERVED:
            raise ValueError(f"{self.name} is a name that we need ourselves: take another")
        if len({type(each) for each in self.classes}) > 1:
            raise ValueError("the classes must be all texts or all whole numbers")
        _check_distinct(self.name, self.classes)
        if self.labels and len(self.labels) != len(self.classes):
            raise ValueError("there must be a label for each class, or none")


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A table.

    Attributes:
        name: of the registered model that predicts its target.
        data: CSV file of labelled rows, from the description's folder.
        id: column of the data set with a name for each row; the row's number if empty.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    data: str
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=100)]
    target: Target
    id: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for what does not fit together."""
        names = [each.name for each in self.columns]
        names += [self.target.name, *([self.id] if self.id else [])]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: each column must have a name of its own")


def _check_distinct(name: str, values: tuple[object, ...]) -> None:
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError(f"{name} needs two values or more, each once")


def _check_range(name: str, bounds: tuple[float, float], whole: bool) -> None:
    least, most = bounds
    if not (isfinite(least) and isfinite(most) and least < most):
        raise ValueError(f"the range of {name} must be two numbers, the least first")
    if whole and not (least.is_integer() and most.is_integer()):
        raise ValueError(f"{name} is of whole numbers: so must be the ends of its range")
    if whole and max(-least, most) > LARGEST_WHOLE:
        raise ValueError(f"{name} has whole numbers beyond 2^53: give it a narrower range")
