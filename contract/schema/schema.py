"""A schema: the columns of the records, the target, and what follows from them."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct

from contract.schema.classes import Classes
from contract.schema.codec import Codec
from contract.schema.columns import Column, Target
from contract.schema.events import EventTypes, event_types
from contract.schema.features import FeatureEncoder


class Schema(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The columns of the records and the target. Immutable; what is derived is built once.

    Attributes:
        name: Default name of the registered model that predicts the target.
        dataset: CSV file of labelled rows; in the TOML file relative to that file's folder.
        columns: The features.
        target: What is predicted.
        id: Column of the data set that identifies a row; empty to use the row's number.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    dataset: str
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=100)]
    target: Target
    id: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError` for fields that contradict each other."""
        names = [column.name for column in self.columns]
        names += [self.target.name, *([self.id] if self.id else [])]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)}: each column must have its own name")

    @classmethod
    def load(cls, path: Path | str) -> "Schema":
        """Reads a schema from a TOML file.

        Returns:
            The schema; its `dataset` is an absolute path.

        Raises:
            BadSetting: The file cannot be read or is no schema. Names every fault.
        """
        from contract.schema.toml import load  # noqa: PLC0415  it imports this module

        return load(Path(path))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def numerical(self) -> tuple[str, ...]:
        """Names of the numerical columns."""
        return tuple(column.name for column in self.columns if column.numerical)

    @cached_property
    def categorical(self) -> tuple[str, ...]:
        """Names of the categorical columns."""
        return tuple(column.name for column in self.columns if not column.numerical)

    @cached_property
    def nullable(self) -> tuple[str, ...]:
        """Names of the columns that a record may lack."""
        return tuple(column.name for column in self.columns if column.nullable)

    @cached_property
    def classes(self) -> Classes:
        """The classes of the target."""
        return Classes(self.target)

    @cached_property
    def events(self) -> EventTypes:
        """The types of records, predictions and outcomes."""
        return event_types(self.columns, self.target)

    @cached_property
    def codec(self) -> Codec:
        """Decoders of records, predictions and outcomes."""
        return Codec(self.events)

    @cached_property
    def encoder(self) -> FeatureEncoder:
        """Encodes records as the model's input."""
        return FeatureEncoder(self.columns, self.events.record)

    @property
    def csv_types(self) -> dict[str, Any]:
        """Arguments with which `pandas.read_csv` reads back the rows that it wrote.

        Text stays text, and only nullable columns have missing values.
        """
        textual = (self.target.name, "prediction") if self.classes.textual else ()
        return {
            "dtype": dict.fromkeys((*self.categorical, *textual), str),
            "keep_default_na": False,
            "na_values": {name: [""] for name in self.nullable},
            "float_precision": "round_trip",
        }
