"""The contract's customer record -> the fields of a form, and back. Pure; names no field."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, inspect

from contract import codec
from contract.events import CustomerRecord
from contract.features import FEATURES

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
    described = inspect.type_info(CustomerRecord)
    assert isinstance(described, inspect.StructType)  # noqa: S101 for mypy
    known = {each.encode_name: _field(each) for each in described.fields}
    return [known[name] for name in FEATURES]


def record(given: Given, name: str) -> bytes:
    """The record that was filled in, under that id, as it is published; empty fields are left out.

    Raises `InvalidRecord`.
    """
    filled = {field: given[field] for field in FEATURES if given.get(field) not in (None, "")}
    value = msgspec.json.encode({**filled, "id": name})
    codec.decode_customer(value)
    return value


_PLAIN: Final = (inspect.IntType, inspect.FloatType)


def _field(field: inspect.Field) -> Field:
    kind, words = _described(field.type)
    required = field.required
    if isinstance(kind, inspect.UnionType):  # a value, or none
        required = False
        kind, told = _described(next(t for t in kind.types if not isinstance(t, inspect.NoneType)))
        words = words or told
    if isinstance(kind, inspect.LiteralType):
        choices = tuple(str(value) for value in kind.values)
        return Field(field.encode_name, choices, required=required, words=words)
    if not isinstance(kind, _PLAIN):
        return Field(field.encode_name, required=required, words=words)
    return Field(
        field.encode_name,
        least=kind.ge if kind.ge is not None else kind.gt,
        most=kind.le if kind.le is not None else kind.lt,
        whole=isinstance(kind, inspect.IntType),
        required=required,
        words=words,
    )


def _described(kind: inspect.Type) -> tuple[inspect.Type, str]:
    if isinstance(kind, inspect.Metadata):
        return kind.type, str((kind.extra_json_schema or {}).get("description", ""))
    return kind, ""
