"""Where records come from: a file that can be read twice, or standard input, which cannot."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Literal

from msgspec.structs import fields

from contract.errors import BadDataset
from contract.schema import Schema
from producers.records.csv_records import csv_records
from producers.records.json_lines import BYTE_ORDER_MARK, json_lines
from producers.records.line import Kind, Line

Format = Literal["csv", "jsonl"]

_BY_SUFFIX: Final[dict[str, Format]] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True)
class Source:
    """A file, or standard input where there is no path.

    Attributes:
        format: None to tell it by the file's name, or else by the first character.
    """

    path: Path | None
    standard_input: BinaryIO
    kind: Kind
    schema: Schema
    format: Format | None = None

    @property
    def name(self) -> str:
        """As people are told of it."""
        return str(self.path) if self.path else "standard input"

    @contextmanager
    def lines(self) -> Iterator[Iterator[Line]]:
        """Its records, from the first. Raises `BadDataset`, then and as they are read."""
        if self.path is None:
            yield self._lines(self.standard_input)
            return
        try:
            file = self.path.open("rb")
        except OSError as fault:
            raise BadDataset(
                f"{self.path}: cannot be read ({fault.strerror}); name a file, or - for "
                "standard input"
            ) from None
        with file:
            yield self._lines(file)

    def _lines(self, given: Iterable[bytes]) -> Iterator[Line]:
        lines = iter(given)
        first: list[bytes] = []
        while not first or (first[-1] and not _stripped(first[-1])):
            first.append(next(lines, b""))
        lines = chain(first, lines)
        if self._format(first[-1], len(first)) == "csv":
            return csv_records(lines, self.kind.event(self.schema), self.name)
        return json_lines(lines, self.kind.decoder(self.schema))

    def _format(self, first: bytes, number: int) -> Format:
        known = self.format or (_BY_SUFFIX.get(self.path.suffix.lower()) if self.path else None)
        if known:
            return known
        text = _stripped(first)
        columns = [field.encode_name for field in fields(self.kind.event(self.schema))]
        if not text or text.startswith(b"{"):
            return "jsonl"
        if any(cell.strip(b' "').decode(errors="replace") in columns for cell in text.split(b",")):
            return "csv"
        given = text[:40].decode(errors="replace")
        raise BadDataset(
            f"{self.name}, line {number}: {given!r} is neither a JSON object nor a CSV header that "
            f"names {', '.join(columns[:-1])} or {columns[-1]}: correct it, or say with --format "
            "which it is"
        )


def _stripped(line: bytes) -> bytes:
    return line.removeprefix(BYTE_ORDER_MARK).strip()
