"""A schema: the columns of the records, the target, and what follows from them."""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from contract.schema import toml
from contract.schema.classes import Classes
from contract.schema.codec import Codec
from contract.schema.columns import Column, CsvDialect, Target
from contract.schema.events import PREDICTION_NAMES, EventTypes, event_types
from contract.schema.features import FeatureEncoder
from contract.schema.inputs import Feature, model_inputs
from contract.schema.mapping import SOURCE, RecordMapping
from contract.schema.numbers import Numbers
from contract.schema.task import Task


class Schema(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The columns of the records and the target. Immutable; what is derived is built once.

    Attributes:
        name: Default name of the registered model that predicts the target.
        dataset: CSV file of labelled rows; in the TOML file relative to that file's folder.
        columns: The fields of the records, which the model's inputs are made of.
        target: What is predicted.
        id: Column of the data set that identifies a row; empty to use the row's number.
        csv: How the CSV files are written.
        mapping: Where a message has a field (`id`, `event_time` or a column's name) that is not
            under its own name in the value: see `contract.schema.mapping`.
        prediction_fields: Columns that predictions carry.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    dataset: Annotated[str, Meta(pattern=r"^[^\x00]+$")]
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=100)]
    target: Target
    id: str = ""
    csv: CsvDialect = CsvDialect()
    mapping: dict[str, Annotated[str, Meta(pattern=SOURCE)]] = {}
    prediction_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        for kind in ("name", "wire_name"):
            names = [getattr(each, kind) for each in (*self.columns, self.target)]
            names += [self.id] if self.id else []
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(f"{', '.join(repeated)}: each column must have its own name")
        _check_ages(self.columns)
        _check_inputs(self)
        _check_missing(self)
        _check_mapping(self)

    @classmethod
    def load(cls, path: Path | str) -> "Schema":
        """Reads a schema from a TOML file.

        Returns:
            The schema; its `dataset` is an absolute path.

        Raises:
            BadSetting: The file cannot be read or is no schema. Names every fault.
        """
        file = Path(path)
        schema = toml.load(file, cls)
        return replace(schema, dataset=str((file.parent / schema.dataset).resolve()))

    @cached_property
    def inputs(self) -> tuple[Feature, ...]:
        """What a model sees of the columns: they themselves, and what dates and times become."""
        return model_inputs(self.columns)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(each.name for each in self.inputs)

    @cached_property
    def numerical(self) -> tuple[str, ...]:
        """Names of the numerical inputs."""
        return tuple(each.name for each in self.inputs if each.numerical)

    @cached_property
    def categorical(self) -> tuple[str, ...]:
        """Names of the categorical inputs."""
        return tuple(each.name for each in self.inputs if not each.numerical)

    @cached_property
    def nullable(self) -> tuple[str, ...]:
        """Names of the inputs that may be missing."""
        return tuple(each.name for each in self.inputs if each.nullable)

    @cached_property
    def temporal(self) -> tuple[str, ...]:
        """Names of the columns of dates and times, which are no inputs themselves."""
        return tuple(column.name for column in self.columns if column.temporal)

    @cached_property
    def task(self) -> Task:
        """What models return, and what predictions report of it."""
        return Numbers(self.target) if self.target.numeric else self.classes

    @cached_property
    def classes(self) -> Classes:
        """The classes of the target. Raises `ValueError` if it is numeric."""
        if self.target.numeric:
            raise ValueError(f"{self.target.name} has no classes: it is a number")
        return Classes(self.target)

    @cached_property
    def events(self) -> EventTypes:
        """The types of records, predictions and outcomes."""
        return event_types(self.columns, self.target, self.prediction_fields)

    @cached_property
    def codec(self) -> Codec:
        """Decoders of records, predictions and outcomes."""
        return Codec(self.events)

    @cached_property
    def record_mapping(self) -> RecordMapping | None:
        """Makes the values of records from messages; None if they are the messages' values."""
        if not self.mapping:
            return None
        wire_names = {column.name: column.wire_name for column in self.columns}
        texts = [
            column.wire_name
            for column in self.columns
            if column.temporal or (column.categories and not column.coded)
        ]
        return RecordMapping(
            {wire_names.get(name, name): source for name, source in self.mapping.items()},
            (*wire_names.values(), "id", "event_time"),
            (*texts, "id"),
        )

    @cached_property
    def encoder(self) -> FeatureEncoder:
        """Encodes records as the model's input."""
        return FeatureEncoder(self.columns, self.events.record)

    @property
    def csv_types(self) -> dict[str, Any]:
        """Arguments with which `pandas.read_csv` reads back the rows that it wrote.

        Text stays text, and only nullable columns have missing values.
        """
        textual = (self.target.name, "prediction") if self.task.textual else ()
        return {
            "dtype": dict.fromkeys((*self.categorical, *self.temporal, *textual), str),
            "keep_default_na": False,
            "na_values": {name: [""] for name in (*self.nullable, *self.temporal)},
            "float_precision": "round_trip",
        }


def _check_ages(columns: tuple[Column, ...]) -> None:
    temporal = {column.name for column in columns if column.temporal}
    for column in columns:
        end = column.age_at
        if end and end not in temporal - {column.name} and not _is_date(end):
            raise ValueError(
                f"{column.name}: age_at must be a date, as in age_at = 2024-12-31, or another "
                f"column of dates or times, not {end}"
            )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_inputs(schema: Schema) -> None:
    used = {column.age_at for column in schema.columns}
    for column in schema.columns:
        if column.temporal and not column.derive and column.name not in used:
            raise ValueError(f"{column.name} is no input: derive age, hour or weekday from it")
    names = [*schema.features, *schema.temporal, schema.target.name]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)}: is also derived from a date; choose another name")


def _check_mapping(schema: Schema) -> None:
    names = {column.name: column.wire_name for column in schema.columns}
    for name in schema.mapping:
        if name not in (*names, "id", "event_time"):
            raise ValueError(f"mapping: {name} is neither a column nor id or event_time")
    for name in schema.prediction_fields:
        if name not in names:
            raise ValueError(f"prediction_fields: {name} is no column")
        if names[name] in PREDICTION_NAMES:
            raise ValueError(f"prediction_fields: predictions have another field {names[name]}")
    if len(set(schema.prediction_fields)) < len(schema.prediction_fields):
        raise ValueError("prediction_fields: each column once")


def _check_missing(schema: Schema) -> None:
    markers = set(schema.csv.missing)
    for column in schema.columns:
        values = {*map(str, column.categories), column.other} & markers
        if values:
            raise ValueError(
                f"{column.name}: {', '.join(sorted(values))} stands for a missing value in [csv] "
                "and cannot be a category too"
            )
