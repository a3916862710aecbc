"""Schema's columns -> fields of the test-record form, and its values -> a customer record. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from contract.schema import Schema
from contract.schema.columns import Column
from contract.schema.inputs import category_names

FormValues = Mapping[str, Any]
"""Values by the name of their field."""


class FormField(Struct, frozen=True):
    """A field of the form.

    Attributes:
        name: Name of the record's field.
        kind: Of the input element, as HTML names it; empty if there are choices.
        choices: Its categories; empty for others.
        suggestions: Its listed categories, if it may have others.
        minimum: Smallest number; None without bounds.
        maximum: Largest number; None without bounds.
        is_integer: Whether the number has no fraction.
        required: Whether the field must not be empty.
        description: Meaning of the field.
    """

    name: str
    kind: str = "number"
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_integer: bool = False
    required: bool = True
    description: str = ""


def form_fields(schema: Schema) -> list[FormField]:
    """Returns a field for each column, in the order of the columns."""
    return [_form_field(column) for column in schema.columns]


def encode_form_record(values: FormValues, record_id: str, schema: Schema) -> bytes:
    """Encodes a customer record for publishing. Empty fields are left out.

    Args:
        values: The form's values; names that are no columns are ignored.
        record_id: Id of the record.
        schema: The schema of the records.

    Raises:
        InvalidRecord: The values do not match the schema.
    """
    fields = {
        column.wire_name: _typed(column, value)
        for column in schema.columns
        if (value := values.get(column.wire_name)) not in (None, "")
    }
    value = msgspec.json.encode({**fields, "id": record_id})
    schema.codec.decode_customer(value)
    return value


def _typed(column: Column, value: Any) -> Any:
    """A browser gives a choice, and what is typed into a field of text, as text."""
    if not isinstance(value, str):
        return value
    if column.type == "boolean":
        return {"false": False, "true": True}.get(value, value)
    if column.coded:
        try:
            return int(value)
        except ValueError:
            return value
    return value


def _form_field(column: Column) -> FormField:
    minimum, maximum = column.range or (None, None)
    names = () if column.numerical or column.temporal else category_names(column)
    return FormField(
        column.wire_name,
        _element(column),
        () if column.other else names,
        names if column.other else (),
        minimum,
        maximum,
        is_integer=column.integer,
        required=not column.nullable,
        description=column.description,
    )


def _element(column: Column) -> str:
    if column.temporal:
        return "date" if column.type == "date" else "datetime-local"
    if column.numerical:
        return "number"
    return "text" if column.other else ""
