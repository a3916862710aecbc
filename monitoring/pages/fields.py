"""The table's columns -> the fields of a form, and back to a record. Pure; names no field."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from contract import codec
from contract.features import FEATURES
from contract.schema.columns import Column
from contract.schema.default import SCHEMA

Given = Mapping[str, Any]


class Field(Struct, frozen=True):
    """A field of the form.

    Attributes:
        choices: what it can be; empty for a number.
        least, most: bounds of a number, where there are any.
        whole: a number without a fraction.
        required: it cannot be left empty.
        words: what it means.
    """

    name: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    whole: bool = False
    required: bool = True
    words: str = ""


def fields() -> list[Field]:
    """A field for each feature, in the order of the features."""
    return [_field(column) for column in SCHEMA.columns]


def record(given: Given, name: str) -> bytes:
    """The record that was filled in, under that id, as it is published; empty fields are left out.

    Raises `InvalidRecord`.
    """
    filled = {field: given[field] for field in FEATURES if given.get(field) not in (None, "")}
    value = msgspec.json.encode({**filled, "id": name})
    codec.decode_customer(value)
    return value


def _field(column: Column) -> Field:
    least, most = column.range or (None, None)
    return Field(
        column.name,
        column.categories,
        least,
        most,
        whole=column.integer,
        required=not column.nullable,
        words=column.description,
    )
