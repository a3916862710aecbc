"""Compares an Avro schema with the records of ours. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from contract.encodings.avro import AvroSchema, branches
from contract.schema import Schema
from contract.schema.columns import Column

_WHOLE: Final = ("int", "long")
_NUMBERS: Final = (*_WHOLE, "float", "double")
_TEXTS: Final = ("string", "enum")
TIMES: Final = (
    "timestamp-millis",
    "timestamp-micros",
    "local-timestamp-millis",
    "local-timestamp-micros",
)

_ID: Final = ("string", "enum")
_EVENT_TIME: Final = (*_WHOLE, *TIMES)


def customer_mismatches(avro: AvroSchema, schema: Schema) -> list[str]:
    """Why no record of this Avro schema, or only some, can be a record of ours.

    Fields from the message's key or headers are left out. Of a mapped field only the place is
    compared, because a mapping also converts.

    Returns:
        A text for each field that does not fit, which begins with its name.
    """
    faults: list[str] = []
    expected = {
        **{
            column.name: (column.wire_name, _types(column), column.nullable)
            for column in schema.columns
        },
        "id": ("id", _ID, True),
        "event_time": ("event_time", _EVENT_TIME, True),
    }
    for name, (wire_name, types, optional) in expected.items():
        source = schema.mapping.get(name)
        if source is None:
            faults += _field_faults(avro, wire_name, types, optional)
        elif source.startswith("/") and not optional and wire_name not in avro.fields:
            faults += _path_faults(avro, wire_name, source)
    return faults


def outcome_mismatches(avro: AvroSchema, schema: Schema) -> list[str]:
    """The same for outcomes."""
    target = schema.target
    types: tuple[str, ...] = (*_NUMBERS, "decimal")
    if target.classes:
        types = _category_types(coded=isinstance(target.classes[0], int))
    return [
        *_field_faults(avro, "id", _ID, optional=False),
        *_field_faults(avro, target.wire_name, types, optional=False),
    ]


def _types(column: Column) -> tuple[str, ...]:
    """The Avro types that a column's values may have."""
    match column.type:
        case "boolean":
            return ("boolean", *_NUMBERS)
        case "date":
            return ("date", *TIMES, *_TEXTS)
        case "datetime":
            return ("date", *TIMES, *_TEXTS)
    if column.numerical:
        return (*_NUMBERS, "decimal")
    return _category_types(column.coded)


def _category_types(coded: bool) -> tuple[str, ...]:
    return (*_NUMBERS, "decimal") if coded else (*_TEXTS, "boolean", *_NUMBERS)


def _field_faults(
    avro: AvroSchema, name: str, types: tuple[str, ...], optional: bool
) -> Iterator[str]:
    if name not in avro.fields:
        if not optional:
            yield f"{name} is missing"
        return
    written_types = type_names(avro, avro.fields[name])
    if not {*written_types} & {*types}:
        if {*written_types} == {"null"} and optional:
            return
        yield f"{name} is {' or '.join(written_types)}, not {', '.join(types[:-1])} or {types[-1]}"


def _path_faults(avro: AvroSchema, name: str, source: str) -> Iterator[str]:
    """Whether records lead to a JSON Pointer; what a map or an array holds is not known."""
    kinds: list[Any] = [{"type": "record", "fields": _as_fields(avro)}]
    for token in source.split("/")[1:]:
        kinds = [_resolved(avro, kind) for kind in kinds]
        if any(_type_name(kind) in ("map", "array") for kind in kinds):
            return
        kinds = [
            branch
            for kind in kinds
            if isinstance(kind, dict)
            for field in kind.get("fields", ())
            if field["name"] == token.replace("~1", "/").replace("~0", "~")
            for branch in branches(field["type"])
        ]
    if not kinds:
        yield f"{name} is missing: there is no {source}"


def _as_fields(avro: AvroSchema) -> list[dict[str, Any]]:
    return [{"name": name, "type": kind} for name, kind in avro.fields.items()]


def type_names(avro: AvroSchema, kind: Any) -> list[str]:
    """Names of the types of a field: logical types by their own, unions by their branches."""
    return [_type_name(_resolved(avro, branch)) for branch in branches(kind)]


def _resolved(avro: AvroSchema, kind: Any) -> Any:
    return avro.named.get(kind, kind) if isinstance(kind, str) else kind


def _type_name(kind: Any) -> str:
    if isinstance(kind, dict):
        return str(kind.get("logicalType") or kind["type"])
    return str(kind)
