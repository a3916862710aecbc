"""The columns of a schema and its target, as its TOML file describes them."""

from math import isfinite
from typing import Annotated, Final

from msgspec import Meta, Struct

RESERVED_NAMES: Final = frozenset(
    ("id", "event_time", "source", "prediction", "probability", "correct")
)
"""Field names of records, predictions and reports, which no column can have."""

MISSING: Final = " missing"
"""Suffix of the name of the column that says where a nullable column has no value."""

MAX_INTEGER: Final = 2**53
"""Largest integer up to which 64-bit floating point represents every integer."""

MAX_CLASSES: Final = 16
"""A window stores a class and a model version in one byte."""

Name = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
Text = Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]{0,98}[^\s\x00-\x1f])?$")]
"""One line without surrounding blanks, as a cell of a CSV file is read."""


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature: categorical if it has `categories`, numerical if it has a `range`.

    Attributes:
        name: Header in the data set and field of the record.
        categories: All values that a categorical column may have.
        range: Smallest and largest value of a numerical column, both inclusive.
        integer: Whether numbers have no fraction.
        nullable: Whether a record may lack it.
        unit: Unit of a numerical column, shown after a difference.
        description: What the column means.
    """

    name: Name
    categories: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    range: tuple[float, float] | None = None
    integer: bool = False
    nullable: bool = False
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        _check_name(self.name)
        if bool(self.categories) == (self.range is not None):
            raise ValueError(f"{self.name} needs either categories or a range")
        if self.range is None:
            if self.integer or self.unit:
                raise ValueError(f"{self.name} is not numerical: integer and unit need a range")
            _check_distinct(self.name, self.categories)
        else:
            _check_range(self.name, self.range, self.integer)

    @property
    def numerical(self) -> bool:
        """Whether it holds numbers; else categories."""
        return self.range is not None


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """What is predicted.

    Attributes:
        name: Header in the data set and field of the outcome.
        classes: All classes, texts or integers. Of two, the second is the positive class.
        labels: Display names of the classes; empty to show the classes themselves.
    """

    name: Name
    classes: Annotated[tuple[int | Text, ...], Meta(min_length=2, max_length=MAX_CLASSES)]
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        _check_name(self.name)
        if len({type(value) for value in self.classes}) > 1:
            raise ValueError("the classes must be all texts or all integers")
        _check_distinct(self.name, self.classes)
        if self.labels and len(self.labels) != len(self.classes):
            raise ValueError("there must be a label for each class, or none")


def _check_name(name: str) -> None:
    if name in RESERVED_NAMES:
        raise ValueError(f"{name} is a reserved name: choose another")


def _check_distinct(name: str, values: tuple[object, ...]) -> None:
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError(f"{name} needs at least two values, all different")


def _check_range(name: str, bounds: tuple[float, float], integer: bool) -> None:
    lowest, highest = bounds
    if not (isfinite(lowest) and isfinite(highest) and lowest < highest):
        raise ValueError(f"the range of {name} must be two numbers, the smaller first")
    if integer and not (lowest.is_integer() and highest.is_integer()):
        raise ValueError(f"{name} holds integers: the ends of its range must be integers too")
    if integer and max(-lowest, highest) > MAX_INTEGER:
        raise ValueError(f"{name} has integers beyond 2^53: give it a narrower range")
