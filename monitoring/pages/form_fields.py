"""Schema's columns -> fields of the test-record form, and its values -> a customer record. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from contract.schema import Schema
from contract.schema.columns import Column

FormValues = Mapping[str, Any]
"""Values by the name of their field."""


class FormField(Struct, frozen=True):
    """A field of the form.

    Attributes:
        name: Name of the feature.
        choices: Its categories; empty for a number.
        minimum: Smallest number; None without bounds.
        maximum: Largest number; None without bounds.
        is_integer: Whether the number has no fraction.
        required: Whether the field must not be empty.
        description: Meaning of the feature.
    """

    name: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_integer: bool = False
    required: bool = True
    description: str = ""


def form_fields(schema: Schema) -> list[FormField]:
    """Returns a field for each feature, in the order of the features."""
    return [_form_field(column) for column in schema.columns]


def encode_form_record(values: FormValues, record_id: str, schema: Schema) -> bytes:
    """Encodes a customer record for publishing. Empty fields are left out.

    Args:
        values: The form's values; names that are not features are ignored.
        record_id: Id of the record.
        schema: The schema of the records.

    Raises:
        InvalidRecord: The values do not match the schema.
    """
    features = {
        name: values[name] for name in schema.features if values.get(name) not in (None, "")
    }
    value = msgspec.json.encode({**features, "id": record_id})
    schema.codec.decode_customer(value)
    return value


def _form_field(column: Column) -> FormField:
    minimum, maximum = column.range or (None, None)
    return FormField(
        column.name,
        column.categories,
        minimum,
        maximum,
        is_integer=column.integer,
        required=not column.nullable,
        description=column.description,
    )
