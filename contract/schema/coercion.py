"""Decoding of values whose JSON types differ from the schema's but mean the same.

JSON has a single type for numbers: JSON Schema's `integer` accepts 1.0, which is what pandas
writes. A category that looks like a number or a boolean is text in the CSV file that the model was
trained from, but not in JSON. Many databases have no booleans but 0 and 1, and no dates but times
at midnight. https://json-schema.org/draft/2020-12/json-schema-validation
"""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct, inspect

S = TypeVar("S", bound=Struct)

_BOOLEAN_TEXTS: Final = {True: ("true", "True", "TRUE"), False: ("false", "False", "FALSE")}


def coercing_decoder(event_type: type[S]) -> Callable[[bytes], S]:
    """Returns a decoder for values that a strict decoder rejected.

    The decoder raises, as the strict one does, if the value does not match the schema even after
    coercion: what it raises is about the fault that coercion left. It parses the fields of the
    event only. The rest of a large record costs no more than its bytes.
    """
    decode = msgspec.json.Decoder(event_type).decode
    fields = inspect.type_info(event_type).fields  # type: ignore[attr-defined]
    names = [field.encode_name for field in fields]
    coercions = {
        field.encode_name: coerce
        for field in fields
        if field.encode_name != "id" and (coerce := _coercion(field.type)) is not None
    }
    raw_fields = msgspec.defstruct(
        "RawFields",
        [(f"f{index}", Raw, Raw()) for index in range(len(names))],
        rename={f"f{index}": name for index, name in enumerate(names)},
    )
    split = msgspec.json.Decoder(raw_fields).decode

    def decode_coerced(value: bytes) -> S:
        parts = zip(names, msgspec.structs.astuple(split(value)), strict=True)
        present = {name: bytes(part) for name, part in parts if bytes(part)}
        for name, coerce in coercions.items():
            if name in present:
                present[name] = coerce(present[name])
        members = (b'"%s":%s' % (name.encode(), part) for name, part in present.items())
        return decode(b"{%s}" % b",".join(members))

    return decode_coerced


def _coercion(field_type: inspect.Type) -> Callable[[bytes], bytes] | None:
    """A function from a field's JSON to the JSON its type needs; None if there is nothing to do."""
    union = field_type.types if isinstance(field_type, inspect.UnionType) else (field_type,)
    types = [part.type if isinstance(part, inspect.Metadata) else part for part in union]
    literals = {
        value for part in types if isinstance(part, inspect.LiteralType) for value in part.values
    }
    texts = {value for value in literals if isinstance(value, str)}
    if texts:
        return lambda part: _to_text(part, texts)
    if literals:
        return _to_integer
    return next((_COERCIONS[type(part)] for part in types if type(part) in _COERCIONS), None)


def _scalar(part: bytes) -> Any:
    """The value of a number or boolean; None for all else, which may be large."""
    return None if part[:1] in b'{["n' else msgspec.json.decode(part)


def _to_integer(part: bytes) -> bytes:
    value = _scalar(part)
    is_whole = isinstance(value, float) and value.is_integer()
    return b"%d" % int(value) if is_whole else part


def _to_open_text(part: bytes) -> bytes:
    value = _scalar(part)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return b'"%s"' % _to_integer(part) if is_number else part


def _to_boolean(part: bytes) -> bytes:
    value = _scalar(part)
    is_bit = isinstance(value, int | float) and value in (0, 1)
    return (b"true" if value else b"false") if is_bit else part


def _to_date(part: bytes) -> bytes:
    moment = _moment(part)
    is_midnight = moment is not None and moment.time() == time() and not moment.utcoffset()
    return msgspec.json.encode(moment.date()) if moment and is_midnight else part


def _to_datetime(part: bytes) -> bytes:
    moment = _moment(part)
    return part if moment is None else msgspec.json.encode(moment)


def _moment(part: bytes) -> datetime | None:
    """A date, or a time, in a short text."""
    try:
        return datetime.fromisoformat(part[1:-1].decode()) if part[:1] == b'"' else None
    except ValueError:
        return None


_COERCIONS: Final[dict[type, Callable[[bytes], bytes]]] = {
    inspect.IntType: _to_integer,
    inspect.StrType: _to_open_text,
    inspect.BoolType: _to_boolean,
    inspect.DateType: _to_date,
    inspect.DateTimeType: _to_datetime,
}


def _to_text(part: bytes, texts: set[str]) -> bytes:
    value = _scalar(part)
    if value is None:
        return part
    spellings = (
        _BOOLEAN_TEXTS[value]
        if isinstance(value, bool)
        else (part.decode(), _to_integer(part).decode())
    )
    return next((msgspec.json.encode(text) for text in spellings if text in texts), part)
