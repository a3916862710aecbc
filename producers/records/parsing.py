"""Parses CSV and JSON Lines into records, and validates each against the schema. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import fields

from contract import codec
from contract.errors import BadDataset, InvalidRecord
from contract.schema import Schema
from data.cells import cell_normaliser
from data.csv_rows import check_header, read_csv_rows

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class RecordKind(StrEnum):
    """What a file's records are. Each kind has a topic of that name."""

    CUSTOMERS = "customers"
    OUTCOMES = "outcomes"

    def event(self, schema: Schema) -> type[msgspec.Struct]:
        """The type of the records."""
        types: dict[RecordKind, type[msgspec.Struct]] = {
            RecordKind.CUSTOMERS: schema.events.record,
            RecordKind.OUTCOMES: schema.events.outcome,
        }
        return types[self]

    def decoder(self, schema: Schema) -> Callable[[bytes], Any]:
        """The decoder of a record's JSON. It raises `InvalidRecord`."""
        decoders: dict[RecordKind, Callable[[bytes], Any]] = {
            RecordKind.CUSTOMERS: schema.codec.decode_customer,
            RecordKind.OUTCOMES: schema.codec.decode_outcome,
        }
        return decoders[self]


@dataclass(frozen=True)
class FileRecord:
    """A record of a file, as it would be published.

    Attributes:
        line: Number of the line on which it begins, from 1.
        value: JSON; for an invalid line of JSON Lines, its bytes.
        key: The record's id, if it has one.
        fault: Why it does not match the schema; None if it does.
    """

    line: int
    value: bytes
    key: bytes | None = None
    fault: str | None = None


def message_key(event: Any) -> bytes | None:
    """The message key: records with the same id keep their order."""
    return event.id.encode() if event.id else None


def parse_json_lines(
    lines: Iterable[bytes], decode: Callable[[bytes], Any]
) -> Iterator[FileRecord]:
    """Yields a record per line that is not blank, its bytes unchanged."""
    for number, line in enumerate(lines, start=1):
        value = line.removeprefix(BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if not value:
            continue
        try:
            event = decode(value)
        except InvalidRecord as invalid:
            yield FileRecord(number, value, fault=str(invalid))
        else:
            yield FileRecord(number, value, message_key(event))


def parse_csv(
    lines: Iterable[bytes], kind: RecordKind, schema: Schema, name: str
) -> Iterator[FileRecord]:
    """Yields a record per row after the header, from the columns that the event has.

    Args:
        lines: Lines of the file.
        kind: What the records are.
        schema: Schema of the records.
        name: Name of the file, for error messages.

    Raises:
        BadDataset: The text is not CSV or not UTF-8, or a required column is missing.
    """
    event_type = kind.event(schema)
    rows = read_csv_rows(_decode_lines(lines, name), name, schema.csv)
    number, header = next(((line, cells) for line, cells in rows if cells), (1, []))
    event_fields = fields(event_type)
    required = [field.encode_name for field in event_fields if field.required]
    missing = [column for column in required if column not in header]
    if missing:
        raise BadDataset(
            f"{name}, line {number}: no column {', '.join(missing)}; the header must name it"
        )
    normalise = _normalisers(kind, schema)
    names = {field.encode_name for field in event_fields}
    check_header(header, names, name, number)
    for number, cells in rows:
        if cells:
            columns = zip(header, cells, strict=False)
            row = {
                column: value
                for column, cell in columns
                if column in names and (value := normalise[column](cell) if cell else "")
            }
            yield _parse_row(number, row, event_type, len(cells) - len(header))


def _normalisers(kind: RecordKind, schema: Schema) -> dict[str, Callable[[str], str]]:
    """What writes the cells of each field as JSON has them."""
    columns = schema.columns if kind is RecordKind.CUSTOMERS else ()
    plain = (field.encode_name for field in fields(kind.event(schema)))
    return {
        **dict.fromkeys(plain, str),
        **{column.wire_name: cell_normaliser(column, schema.csv) for column in columns},
    }


def _parse_row(
    number: int, row: dict[str, str], event_type: type[msgspec.Struct], surplus: int
) -> FileRecord:
    try:
        event = msgspec.convert(row, event_type, strict=False)
    except msgspec.ValidationError as invalid:
        return FileRecord(number, msgspec.json.encode(row), fault=_describe(invalid, row))
    fault = (
        f"{surplus} cells more than the header: quote what has the separator"
        if surplus > 0
        else None
    )
    return FileRecord(number, codec.encode(event), message_key(event), fault)


def _describe(invalid: msgspec.ValidationError, row: dict[str, str]) -> str:
    column = re.search(r"`\$\.(.+)`$", str(invalid))
    cell = row.get(column[1]) if column else None
    return str(invalid) if cell is None else f"{invalid}, value {cell!r}"


def _decode_lines(lines: Iterable[bytes], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadDataset(f"{name}, line {number}: not UTF-8; save it as UTF-8") from None
