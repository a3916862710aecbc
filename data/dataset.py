"""Loads and validates a data set: the shipped one, the original `car_data.csv`, or your own."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from contract.errors import BadDataset
from contract.schema import Schema
from data.cells import CellParser, cell_parser, target_parser
from data.csv_rows import check_header, read_csv_rows

ROW_NUMBER: Final = "row"
"""Column that is added if the schema has no id column: the number of the row, from 1."""

MAX_LISTED: Final = 5
"""Invalid lines of a column that an error lists."""


class InvalidCell(NamedTuple):
    """A cell that does not match the schema; `expected` describes the valid values."""

    line: int
    column: str
    text: str
    expected: str


def id_column(schema: Schema) -> str:
    """Name of the column that identifies a row of the loaded data set; no model sees it."""
    return schema.id or ROW_NUMBER


def required_columns(schema: Schema) -> tuple[str, ...]:
    """The columns that a data set of the schema must have, as its header names them."""
    id_columns = [schema.id] if schema.id else []
    columns = (column.wire_name for column in schema.columns)
    return (*id_columns, *columns, schema.target.wire_name)


def _parsers(schema: Schema) -> dict[str, CellParser]:
    """The parser of each column, by its name in the frame."""
    return {
        **({schema.id: str} if schema.id else {}),
        **{column.name: cell_parser(column, schema.csv) for column in schema.columns},
        schema.target.name: target_parser(schema.target, schema.csv),
    }


def load_dataset(path: Path | str, schema: Schema) -> pd.DataFrame:
    """Reads a data set: a row per record with the schema's columns and target, and `id_column`.

    Accepts UTF-8 with or without a byte-order mark and any line ends. Ignores further columns.
    Dates and times are texts; `to_frame` of the schema's encoder makes a model's inputs of them.

    Raises:
        BadDataset: Names the file, and the lines and columns of all faults.
    """
    named = dict(zip(required_columns(schema), _parsers(schema).items(), strict=True))
    return _parse(read_text(Path(path)), str(path), named, schema)


def load_rows(path: Path, schema: Schema) -> pd.DataFrame:
    """Reads rows for a model from CSV or Parquet: the columns, and the target if it is there.

    Raises:
        BadDataset: Names the file, and the lines and columns of all faults. In a Parquet file, the
            first row is line 2.
    """
    text = _parquet_text(path, schema) if path.suffix == ".parquet" else read_text(path)
    lines = read_csv_rows(io.StringIO(text, newline=""), str(path), schema.csv)
    _, header = next(lines, (1, []))
    target = schema.target.name
    named = {
        wire_name: (name, parse)
        for wire_name, (name, parse) in zip(
            required_columns(schema), _parsers(schema).items(), strict=True
        )
        if name != schema.id and (name != target or wire_name in header)
    }
    return _parse(text, str(path), named, schema)


def _parquet_text(path: Path, schema: Schema) -> str:
    dialect = schema.csv
    try:
        return pd.read_parquet(path).to_csv(
            index=False, sep=dialect.separator, decimal=dialect.decimal, quotechar=dialect.quote
        )
    except OSError as fault:
        raise BadDataset(f"{path}: cannot be read ({fault.strerror or fault})") from None
    except ValueError as fault:  # pyarrow's errors are among them
        raise BadDataset(f"{path}: not Parquet ({fault})") from None


def _parse(
    text: str, path: str, required: Mapping[str, tuple[str, CellParser]], schema: Schema
) -> pd.DataFrame:
    """The rows with the columns that are required, by their names in the header."""
    lines = read_csv_rows(io.StringIO(text, newline=""), path, schema.csv)
    _, header = next(lines, (1, []))
    missing = [name for name in required if name not in header]
    if missing:
        raise BadDataset(
            f"{path}, line 1: no column {', '.join(missing)}; "
            f"the header must name {', '.join(required)}, "
            f"with {schema.csv.separator!r} between them"
        )
    check_header(header, required, path, 1)
    columns = [
        (name, header.index(wire_name), parse) for wire_name, (name, parse) in required.items()
    ]
    invalid: list[InvalidCell] = []
    rows = [_parse_row(number, cells, columns, invalid) for number, cells in lines if cells]
    if invalid:
        raise BadDataset(f"{path}, {'; '.join(_describe(invalid))}")
    if not rows:
        raise BadDataset(f"{path}, line 2: no rows; at least one is needed")
    # explicit, because a column may be empty
    types = {c.name: "float64" if c.numerical else "object" for c in schema.columns}
    frame = pd.DataFrame(rows, columns=[name for name, _, _ in columns]).astype(types)
    return (
        frame if schema.id else frame.assign(**{ROW_NUMBER: [str(n + 1) for n in range(len(rows))]})
    )


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte-order mark. Raises `BadDataset`."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise BadDataset(
            f"{path}: cannot be read ({fault.strerror}); set INTENT_DATASET to a data file"
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise BadDataset(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None


def _parse_row(
    number: int,
    cells: list[str],
    columns: list[tuple[str, int, CellParser]],
    invalid: list[InvalidCell],
) -> list[Any]:
    """Returns the values of a row. Appends its invalid cells to `invalid`."""
    row: list[Any] = []
    for name, index, parse in columns:
        text = cells[index] if index < len(cells) else ""
        try:
            row.append(parse(text))
        except ValueError as expected:
            invalid.append(InvalidCell(number, name, text, str(expected)))
    return row


def _describe(invalid: list[InvalidCell]) -> Iterator[str]:
    """Yields a text per column with its invalid cells."""
    for name in dict.fromkeys(cell.column for cell in invalid):
        cells = [cell for cell in invalid if cell.column == name]
        listed = cells[:MAX_LISTED]
        texts = ", ".join(repr(text) for text in dict.fromkeys(cell.text for cell in listed))
        lines = ", ".join(str(cell.line) for cell in listed)
        more = f" and {len(cells) - len(listed)} more" if len(cells) > len(listed) else ""
        if len(cells) == 1:
            yield f"line {lines}, column {name}: {texts} must be {cells[0].expected}"
        else:
            yield f"column {name}, lines {lines}{more}: {texts} must be {cells[0].expected}"
