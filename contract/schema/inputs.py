"""Columns of records -> the inputs of a model: numbers and categories, and what dates become. Pure.

Everything behind the codec (training, models, monitoring, gate) sees inputs alone.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from contract.schema.columns import Column

BOOLEANS: Final = ("false", "true")
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_AGE_DAYS: Final = 3_652_059.0
"""Days in the years 1 to 9999."""


class Feature(Struct, frozen=True):
    """An input of a model: categorical if it has `categories`, else numerical.

    Attributes:
        name: Name in models, metrics and reports.
        categories: All categories, as texts.
        range: Smallest and largest number.
        integer: Whether numbers have no fraction.
        nullable: Whether it may be missing.
        unit: Unit of a number.
        description: What it means.
        follows_clock: Whether it goes round with the time of day or the week. Then every window
            that is shorter than that differs from the reference, and none of them has drifted.
    """

    name: str
    categories: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    integer: bool = False
    nullable: bool = False
    unit: str = ""
    description: str = ""
    follows_clock: bool = False

    @property
    def numerical(self) -> bool:
        """Whether it holds numbers; else categories."""
        return self.range is not None


def model_inputs(columns: Iterable[Column]) -> tuple[Feature, ...]:
    """The inputs that a model has from these columns, in their order."""
    columns = tuple(columns)
    nullable = {column.name for column in columns if column.nullable}
    return tuple(feature for column in columns for feature in _inputs(column, nullable))


def derived_name(column: Column, derivation: str) -> str:
    """Name of a feature that is derived from a date or time."""
    return f"{column.name}_{derivation}"


def category_names(column: Column) -> tuple[str, ...]:
    """The categories of a column as texts, in the order of their codes."""
    if column.type == "boolean":
        return BOOLEANS
    return (*map(str, column.categories), *([column.other] if column.other else []))


def _inputs(column: Column, nullable: set[str]) -> Iterator[Feature]:
    if column.temporal:
        yield from (_derived(column, derivation, nullable) for derivation in column.derive)
        return
    yield Feature(
        column.name,
        () if column.numerical else category_names(column),
        column.range,
        column.integer,
        column.nullable,
        column.unit,
        column.description,
    )


def _derived(column: Column, derivation: str, nullable: set[str]) -> Feature:
    name = derived_name(column, derivation)
    if derivation == "age":
        return Feature(
            name,
            range=(-MAX_AGE_DAYS, MAX_AGE_DAYS),
            nullable=column.nullable or column.age_at in nullable,
            unit="days",
            description=f"Days from {column.name} to {column.age_at}.",
        )
    if derivation == "hour":
        return Feature(
            name,
            range=(0, 23),
            integer=True,
            nullable=column.nullable,
            description=f"Hour of {column.name}, UTC.",
            follows_clock=True,
        )
    return Feature(
        name,
        WEEKDAYS,
        nullable=column.nullable,
        description=f"Day of the week of {column.name}, UTC.",
        follows_clock=True,
    )
