"""CSV with a header -> records. Pure."""

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import fields

from contract import codec
from contract.errors import BadDataset
from data.csv_lines import csv_lines
from producers.records.line import Line, key_of


def csv_records(
    lines: Iterable[bytes], event_type: type[msgspec.Struct], name: str
) -> Iterator[Line]:
    """A record for each line after the header, of the columns that the event has.

    Raises `BadDataset` where the text is not CSV, not UTF-8, or lacks a column that must be there.
    """
    rows = csv_lines(_decoded(lines, name), name)
    number, header = next(((line, cells) for line, cells in rows if cells), (1, []))
    own = fields(event_type)
    missing = [field.encode_name for field in own if field.required]
    missing = [column for column in missing if column not in header]
    if missing:
        raise BadDataset(
            f"{name}, line {number}: no column {', '.join(missing)}; the header must name it"
        )
    known = {field.encode_name for field in own}
    for number, cells in rows:
        if cells:
            named = zip(header, cells, strict=False)
            row = {column: cell for column, cell in named if column in known and cell}
            yield _line(number, row, event_type, len(cells) - len(header))


def _line(number: int, row: dict[str, str], event_type: type[msgspec.Struct], surplus: int) -> Line:
    try:
        event = msgspec.convert(row, event_type, strict=False)
    except msgspec.ValidationError as invalid:
        return Line(number, msgspec.json.encode(row), fault=_in_words(invalid, row))
    fault = f"{surplus} cells more than the header: quote what has commas" if surplus > 0 else None
    return Line(number, codec.encode(event), key_of(event), fault)


def _in_words(invalid: msgspec.ValidationError, row: dict[str, str]) -> str:
    place = re.search(r"`\$\.(\w+)`$", str(invalid))
    cell = row.get(place[1]) if place else None
    return str(invalid) if cell is None else f"{invalid}, where {cell!r} stands"


def _decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadDataset(f"{name}, line {number}: not UTF-8; save it as UTF-8") from None
