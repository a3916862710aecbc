"""Avro values -> their fields, a batch at a time. Pure."""

import importlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from contract.encodings.avro_columns import ColumnDecoder
from contract.errors import DeadLetterReason, InvalidRecord, NotInstalled, first_line

Fields = dict[str, Any]
"""The fields of a value by name."""

_KEPT_TYPES: Final = {
    "date",
    "decimal",
    "timestamp-millis",
    "timestamp-micros",
    "local-timestamp-millis",
    "local-timestamp-micros",
}
"""Logical types whose values differ in meaning from those of the types that they are stored as."""

_MILLISECONDS: Final = {"timestamp-millis", "local-timestamp-millis"}

_EVENT_TIME: Final = "event_time"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_END: Final = "end_of_value"
_VALUES: Final = "values"
_MARK_SIZE: Final = 16


_MALFORMED: Final = InvalidRecord(
    DeadLetterReason.MALFORMED_AVRO,
    "what follows the header is no value of the schema that the header names",
)
_TOO_DEEP: Final = InvalidRecord(
    DeadLetterReason.TOO_DEEP, "the value is nested too deeply to be read"
)


class InvalidSchema(ValueError):
    """The text is no Avro schema of a record."""


class AvroSchema:
    """A schema that values were written with.

    Values with plain fields are decoded by `ColumnDecoder`. All others are decoded by fastavro,
    those of a batch in one call as the items of an array, because a call costs more than a value.
    After each value the array has a random mark, so that a value that is shorter or longer than its
    schema says cannot shift those after it unnoticed.

    Attributes:
        fields: The types of the fields by name, as in the schema.
        named: The types that fields may refer to, by full name.
        times: The fields of `fields` with milliseconds since the epoch that are stored otherwise.
    """

    def __init__(self, text: str, references: Sequence[str] = ()) -> None:
        """Prepares the schema.

        Args:
            text: The schema.
            references: Schemas that it refers to, each after those that it needs.

        Raises:
            InvalidSchema: It is no schema of a record.
            NotInstalled: fastavro is not installed.
        """
        try:
            import fastavro  # noqa: PLC0415  an extra
        except ImportError:
            raise NotInstalled("Avro needs fastavro: install intent-stream[avro]") from None
        self._read: Any = fastavro.schemaless_reader
        self._write: Any = fastavro.schemaless_writer
        self._mark = os.urandom(_MARK_SIZE)
        self.named: dict[str, Any] = {}
        try:
            for each in references:
                fastavro.parse_schema(_plain(json.loads(each)), named_schemas=self.named)
            schema: dict[str, Any] = _plain(json.loads(text))
            _check_record(schema)
            self.times = _store_milliseconds(schema["fields"])
            self._record = fastavro.parse_schema(schema, named_schemas={**self.named})
            mark = {"type": "fixed", "name": f"{_END}_mark", "size": _MARK_SIZE}
            schema["fields"] = [*schema["fields"], {"name": _END, "type": mark}]
            items = {"name": _VALUES, "type": {"type": "array", "items": schema}}
            batch = {"type": "record", "name": "batch_of_values", "fields": [items]}
            self._batch = fastavro.parse_schema(batch, named_schemas=self.named)
            if _is_recursive(self._batch, self.named, (), set()):
                # a deep value would end the process in the compiled reader
                self._read = importlib.import_module("fastavro._read_py").schemaless_reader
        except InvalidSchema:
            raise
        except Exception as fault:  # noqa: BLE001  those of fastavro have no common base
            raise InvalidSchema(first_line(fault)) from None
        # with full names
        parsed: list[dict[str, Any]] = cast("Any", self._record)["fields"]
        self.fields = {field["name"]: field["type"] for field in parsed}
        try:
            self._decode_all = ColumnDecoder(self.fields, self.named).decode
        except NotImplementedError:
            self._decode_all = self._decode_by_fastavro

    def decode(self, payloads: Sequence[bytes]) -> list[Fields | InvalidRecord]:
        """The fields of each value, or why it has none. Raises nothing."""
        try:
            return list(self._decode_all(payloads))
        except Exception as fault:  # noqa: BLE001  those of fastavro have no common base
            if len(payloads) > 1:
                return [one for payload in payloads for one in self.decode([payload])]
            return [_TOO_DEEP if isinstance(fault, RecursionError) else _MALFORMED]

    def write(self, data: io.BytesIO, row: Fields) -> None:
        """Writes the value with these fields. Raises an exception of any type if it has others."""
        self._write(data, self._record, row)

    def _decode_by_fastavro(self, payloads: Sequence[bytes]) -> list[Fields]:
        mark = self._mark
        data = io.BytesIO(_long(len(payloads)) + mark.join([*payloads, b"\0"]))
        rows: list[Fields] = self._read(data, self._batch, None)[_VALUES]
        marks = [row.pop(_END) for row in rows]
        if marks.count(mark) != len(payloads) or data.read(1):
            raise ValueError("it is longer or shorter")
        for name in self.times:
            for row in rows:
                row[name] = _milliseconds(row[name])
        return rows


def _long(number: int) -> bytes:
    """A non-negative Avro long."""
    number <<= 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _plain(schema: Any) -> Any:
    """The schema without logical types that would only make a value slower to read."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(each) for name, each in schema.items()}
    if schema.get("logicalType") not in _KEPT_TYPES:
        plain.pop("logicalType", None)
    return plain


def _store_milliseconds(fields: Sequence[dict[str, Any]]) -> set[str]:
    """Lets an event time in milliseconds be read as the integer that it is.

    Returns:
        The event time's field, if it is a time in another unit.
    """
    logical = {
        branch["logicalType"]: branch
        for field in fields
        if field["name"] == _EVENT_TIME
        for branch in branches(field["type"])
        if isinstance(branch, dict) and "logicalType" in branch
    }
    for name in _MILLISECONDS & logical.keys():
        del logical[name]["logicalType"]
    return {_EVENT_TIME} if logical.keys() - _MILLISECONDS else set()


def _check_record(schema: Any) -> None:
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise InvalidSchema("it is not the schema of a record")


def _is_recursive(
    kind: Any, named: Mapping[str, Any], around: tuple[str, ...], checked: set[str]
) -> bool:
    """Whether a parsed type, or one in it, contains itself."""
    if isinstance(kind, list):
        return any(_is_recursive(each, named, around, checked) for each in kind)
    name = kind if isinstance(kind, str) else kind.get("name", "")
    if name in around:
        return True
    kind = named.get(name) if isinstance(kind, str) else kind
    if kind is None or name in checked:
        return False
    parts = [kind.get("items"), kind.get("values"), *(f["type"] for f in kind.get("fields", ()))]
    inside = (*around, name) if name else around
    found = any(_is_recursive(part, named, inside, checked) for part in parts if part is not None)
    checked.update([name] if name else [])
    return found


def branches(kind: Any) -> list[Any]:
    """The types of a union; the type itself if it is none."""
    return kind if isinstance(kind, list) else [kind]


def _milliseconds(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
