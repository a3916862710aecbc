"""The columns of a schema and its target, as its TOML file describes them."""

from datetime import datetime
from math import isfinite
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

RESERVED_NAMES: Final = frozenset(
    ("id", "event_time", "source", "prediction", "probability", "correct")
)
"""Field names of records, predictions and reports, which no column can have."""

WIRE_NAMES: Final = frozenset(("id", "event_time"))
"""Field names of records, which no column's field can be."""

MISSING: Final = " missing"
"""Suffix of the name of the column that says where a nullable column has no value."""

MAX_INTEGER: Final = 2**53
"""Largest integer up to which 64-bit floating point represents every integer."""

MAX_CLASSES: Final = 100
"""Of each class and each pair of classes there is a metric."""

MAX_CATEGORIES: Final = 1_000

MAX_TEXT: Final = 1_000
"""Maximum length of a text that is none of the listed categories."""

Name = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
Text = Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]{0,98}[^\s\x00-\x1f])?$")]
"""One line without surrounding blanks, as a cell of a CSV file is read."""

FieldName = Annotated[
    str, Meta(pattern=r'^[^\s\x00-\x1f"\\]([^\x00-\x1f"\\]{0,98}[^\s\x00-\x1f"\\])?$')
]
"""A `Text` that JSON writes without escapes, because the decoder compares bytes."""

_AGE_AT: Final = r"^(\d{4}-\d{2}-\d{2}|[A-Za-z][A-Za-z0-9_]{0,59})$"

Derivation = Literal["age", "hour", "weekday"]


class CsvDialect(Struct, frozen=True, forbid_unknown_fields=True):
    """How the CSV files of a schema are written.

    Attributes:
        separator: Between two cells.
        decimal: Before the fraction of a number.
        quote: Around a cell that has the separator in it.
        missing: Cells that stand for a missing value, as an empty cell does.
    """

    separator: Annotated[str, Meta(pattern=r"^[,;|:\t ]$")] = ","
    decimal: Literal[".", ","] = "."
    quote: Literal['"', "'"] = '"'
    missing: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        if self.separator == self.decimal:
            raise ValueError(
                "separator and decimal are both a comma: one must be another character"
            )


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of the records. What a model sees of it: `contract.schema.inputs`.

    It is categorical if it has `categories`, numerical if it has a `range`, else of its `type`.

    Attributes:
        name: Name of the feature: in models, metrics and reports.
        field: Header in the data set and field of the record; empty if it is the name.
        type: `boolean`, `date` or `datetime`; empty for categories and numbers.
        categories: All values that a categorical column may have: texts, or integer codes.
        other: Category of all values that are not listed; empty if those are invalid.
        range: Smallest and largest value of a numerical column, both inclusive.
        integer: Whether numbers have no fraction.
        nullable: Whether a record may lack it.
        derive: The features that are made of a date or time.
        age_at: The ISO date, or the name of the other column, at which an age is computed.
        format: How a CSV file writes a date or time (`strptime`); empty for ISO 8601.
        unit: Unit of a numerical column, shown after a difference.
        description: What the column means.
    """

    name: Name
    field: FieldName = ""
    type: Literal["", "boolean", "date", "datetime"] = ""
    categories: Annotated[tuple[int | Text, ...], Meta(max_length=MAX_CATEGORIES)] = ()
    other: Text = ""
    range: tuple[float, float] | None = None
    integer: bool = False
    nullable: bool = False
    derive: tuple[Derivation, ...] = ()
    age_at: Annotated[str, Meta(pattern=_AGE_AT)] = ""
    format: str = ""
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        _check_name(self.name)
        _check_field(self.wire_name)
        if [bool(self.categories), self.range is not None, bool(self.type)].count(True) != 1:
            raise ValueError(f"{self.name} needs either categories, a range or a type")
        if self.range is None and (self.integer or self.unit):
            raise ValueError(f"{self.name} is not numerical: integer and unit need a range")
        if self.categories:
            _check_categories(self.name, self.categories, self.other)
        elif self.other:
            raise ValueError(f"{self.name} has no categories: other needs some")
        if self.range is not None:
            _check_range(self.name, self.range, self.integer)
        _check_derivations(self)

    @property
    def wire_name(self) -> str:
        """Header in the data set and field of the record."""
        return self.field or self.name

    @property
    def numerical(self) -> bool:
        """Whether it holds numbers."""
        return self.range is not None

    @property
    def temporal(self) -> bool:
        """Whether it holds dates or times."""
        return self.type in ("date", "datetime")

    @property
    def coded(self) -> bool:
        """Whether its categories are integers."""
        return bool(self.categories) and isinstance(self.categories[0], int)


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """What is predicted: one of the `classes`, or a number if there are none.

    Attributes:
        name: Name in models, metrics and reports.
        field: Header in the data set and field of the outcome; empty if it is the name.
        classes: All classes, texts or integers. Of two, the second is the positive class.
        labels: Display names of the classes; empty to show the classes themselves.
        range: Smallest and largest outcome of a numeric target, both inclusive; None for any
            finite number.
        unit: Unit of a numeric target.
    """

    name: Name
    classes: Annotated[tuple[int | Text, ...], Meta(min_length=2, max_length=MAX_CLASSES)] = ()
    labels: tuple[str, ...] = ()
    field: FieldName = ""
    range: tuple[float, float] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        _check_name(self.name)
        _check_field(self.wire_name)
        if self.numeric:
            if self.range is not None:
                _check_range(self.name, self.range, integer=False)
        elif self.range is not None or self.unit:
            raise ValueError("a target has either classes, or a range and a unit: delete one")
        else:
            if len({type(value) for value in self.classes}) > 1:
                raise ValueError("the classes must be all texts or all integers")
            _check_distinct(self.name, self.classes)
        if self.labels and len(self.labels) != len(self.classes):
            raise ValueError("there must be a label for each class, or none")

    @property
    def numeric(self) -> bool:
        """Whether it is a number."""
        return not self.classes

    @property
    def wire_name(self) -> str:
        """Header in the data set and field of the outcome."""
        return self.field or self.name


def _check_name(name: str) -> None:
    if name in RESERVED_NAMES:
        raise ValueError(f"{name} is a reserved name: choose another")


def _check_field(name: str) -> None:
    if name in WIRE_NAMES:
        raise ValueError(f"{name} is a reserved name of a field: choose another")


def _check_distinct(name: str, values: tuple[object, ...]) -> None:
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError(f"{name} needs at least two values, all different")


def _check_categories(name: str, categories: tuple[object, ...], other: str) -> None:
    if len({type(value) for value in categories}) > 1:
        raise ValueError(f"the categories of {name} must be all texts or all integers")
    if any(isinstance(value, int) and abs(value) > MAX_INTEGER for value in categories):
        raise ValueError(f"{name} has codes beyond 2^53: write them as texts")
    values = (*categories, other) if other else categories
    _check_distinct(name, tuple(map(str, values)))


def _check_derivations(column: Column) -> None:
    name = column.name
    if not column.temporal:
        if column.derive or column.age_at or column.format:
            raise ValueError(f"{name} is no date: derive, age_at and format need a type")
        return
    if ("age" in column.derive) != (bool(column.age_at)):
        raise ValueError(f"{name}: derive an age with age_at, a date or the name of a column")
    if column.type == "date" and "hour" in column.derive:
        raise ValueError(f"{name} is a date and has no hour: derive age or weekday")
    if column.format:
        _check_format(name, column.format)


def _check_format(name: str, text: str) -> None:
    moment = datetime(2001, 12, 31, 23, 59)
    try:
        parsed = datetime.strptime(moment.strftime(text), text)
    except ValueError as fault:
        raise ValueError(f"the format of {name} is not one of strptime: {fault}") from None
    if parsed.date() != moment.date():
        raise ValueError(f"the format of {name} needs year, month and day, as in %d.%m.%Y")


def _check_range(name: str, bounds: tuple[float, float], integer: bool) -> None:
    lowest, highest = bounds
    if not (isfinite(lowest) and isfinite(highest) and lowest < highest):
        raise ValueError(f"the range of {name} must be two numbers, the smaller first")
    if integer and not (float(lowest).is_integer() and float(highest).is_integer()):
        raise ValueError(f"{name} holds integers: the ends of its range must be integers too")
    if integer and max(-lowest, highest) > MAX_INTEGER:
        raise ValueError(f"{name} has integers beyond 2^53: give it a narrower range")
