"""Input of records: a file, which can be read twice, or standard input, which cannot."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Literal

from msgspec.structs import fields

from contract.errors import BadDataset
from contract.schema import Schema
from producers.records.parsing import (
    BYTE_ORDER_MARK,
    FileRecord,
    RecordKind,
    parse_csv,
    parse_json_lines,
)

Format = Literal["csv", "jsonl"]

_BY_SUFFIX: Final[dict[str, Format]] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True)
class RecordInput:
    """A file or standard input.

    Attributes:
        path: Path of the file; None for standard input.
        standard_input: Standard input.
        kind: What the records are.
        schema: Schema of the records.
        format: None to detect it from the file's suffix, or from the first character.
    """

    path: Path | None
    standard_input: BinaryIO
    kind: RecordKind
    schema: Schema
    format: Format | None = None

    @property
    def name(self) -> str:
        """Name for messages."""
        return str(self.path) if self.path else "standard input"

    @contextmanager
    def records(self) -> Iterator[Iterator[FileRecord]]:
        """Opens the input and yields an iterator of its records.

        Raises:
            BadDataset: The input cannot be read. The iterator raises it too.
        """
        if self.path is None:
            yield self._parse(self.standard_input)
            return
        try:
            file = self.path.open("rb")
        except OSError as fault:
            raise self._read_error(fault) from None
        with file:
            yield self._parse(file)

    def _lines(self, input_lines: Iterable[bytes]) -> Iterator[bytes]:
        lines = iter(input_lines)
        while True:
            try:
                line = next(lines, b"")
            except OSError as fault:  # of a disk, or of a file on another machine
                raise self._read_error(fault) from None
            if not line:
                return
            yield line

    def _read_error(self, fault: OSError) -> BadDataset:
        return BadDataset(
            f"{self.name}: cannot be read ({fault.strerror}); name a file, or - for standard input"
        )

    def _parse(self, input_lines: Iterable[bytes]) -> Iterator[FileRecord]:
        lines = self._lines(input_lines)
        first: list[bytes] = []
        while not first or (first[-1] and not _stripped(first[-1])):
            first.append(next(lines, b""))
        lines = chain(first, lines)
        if self._detect_format(first[-1], len(first)) == "csv":
            return parse_csv(lines, self.kind, self.schema, self.name)
        return parse_json_lines(lines, self.kind.decoder(self.schema))

    def _detect_format(self, first: bytes, number: int) -> Format:
        by_suffix = _BY_SUFFIX.get(self.path.suffix.lower()) if self.path else None
        if self.format or by_suffix:
            return self.format or by_suffix  # type: ignore[return-value]  # not both None
        text = _stripped(first)
        columns = [field.encode_name for field in fields(self.kind.event(self.schema))]
        if not text or text.startswith(b"{"):
            return "jsonl"
        dialect = self.schema.csv
        cells = text.decode(errors="replace").split(dialect.separator)
        if any(cell.strip(f" {dialect.quote}") in columns for cell in cells):
            return "csv"
        start = text[:40].decode(errors="replace")
        raise BadDataset(
            f"{self.name}, line {number}: {start!r} is neither a JSON object nor a CSV header that "
            f"names {', '.join(columns[:-1])} or {columns[-1]}: correct it, or set --format"
        )


def _stripped(line: bytes) -> bytes:
    return line.removeprefix(BYTE_ORDER_MARK).strip()
