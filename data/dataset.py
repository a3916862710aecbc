"""Reads and checks the data set: ours, the real `car_data.csv` in its place, or your table's."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from contract.errors import BadDataset
from contract.schema import Schema
from contract.schema.columns import Column
from data.csv_lines import csv_lines

ROW: Final = "row"
"""Where the data set has no name for a row: its number, from 1."""

SHOWN: Final = 5
"""Lines of a column that are named."""

Check = Callable[[str], Any]


class Fault(NamedTuple):
    """A cell that cannot be used."""

    line: int
    column: str
    text: str
    wanted: str


def _one_of(values: tuple[Any, ...]) -> Check:
    known = {str(value): value for value in values}
    # as pandas writes whole numbers where some are missing
    known |= {f"{value}.0": value for value in values if isinstance(value, int)}
    wanted = "0 or 1" if values == (0, 1) else f"one of {', '.join(map(str, values))}"

    def check(text: str) -> Any:
        if text not in known:
            raise ValueError(wanted)
        return known[text]

    return check


def _number(lowest: float, highest: float, whole: bool) -> Check:
    wanted = f"a {'whole ' if whole else ''}number from {lowest:.10g} to {highest:.10g}"

    def check(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(wanted) from None
        if not lowest <= number <= highest:  # false for NaN as well
            raise ValueError(wanted)
        if whole and not number.is_integer():
            raise ValueError(wanted)
        return number

    return check


def _or_missing(check: Check) -> Check:
    return lambda text: check(text) if text else float("nan")


def _of(column: Column) -> Check:
    bounds = column.range
    check = _number(*bounds, column.integer) if bounds else _one_of(column.categories)
    return _or_missing(check) if column.nullable else check


def id_column(schema: Schema) -> str:
    """Name of the column that identifies a row of the loaded data set; no model sees it."""
    return schema.id or ROW


def headers(schema: Schema) -> tuple[str, ...]:
    """The columns that a data set of the schema must have."""
    return tuple(_checks(schema))


def _checks(schema: Schema) -> dict[str, Check]:
    """Each column, and what its text must be: the ranges and categories of the schema."""
    return {
        **({schema.id: str} if schema.id else {}),
        **{column.name: _of(column) for column in schema.columns},
        schema.target.name: _one_of(schema.target.classes),
    }


def load(path: Path | str, schema: Schema) -> pd.DataFrame:
    """Reads a data set: a row per record with the columns of `headers`, and `id_column`.

    Accepts UTF-8 with or without a byte-order mark and any line ends. Ignores further columns.

    Raises:
        BadDataset: Names the file, and the lines and columns of all faults.
    """
    lines = csv_lines(io.StringIO(_text(Path(path)), newline=""), str(path))
    checks = _checks(schema)
    _, header = next(lines, (1, []))
    missing = [name for name in checks if name not in header]
    if missing:
        raise BadDataset(
            f"{path}, line 1: no column {', '.join(missing)}; "
            f"the header must name {', '.join(checks)}"
        )
    cells_of = [(name, header.index(name), check) for name, check in checks.items()]
    faults: list[Fault] = []
    rows = [_row(number, cells, cells_of, faults) for number, cells in lines if cells]
    if faults:
        raise BadDataset(f"{path}, {'; '.join(_in_words(faults))}")
    if not rows:
        raise BadDataset(f"{path}, line 2: no rows; at least one is needed")
    # the types also of a column that is empty from top to bottom
    types = {c.name: "float64" if c.numerical else "object" for c in schema.columns}
    frame = pd.DataFrame(rows, columns=list(checks)).astype(types)
    return frame if schema.id else frame.assign(**{ROW: [str(n + 1) for n in range(len(rows))]})


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise BadDataset(
            f"{path}: cannot be read ({fault.strerror}); set INTENT_DATASET to a data file"
        ) from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise BadDataset(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None


def _row(
    number: int, cells: list[str], columns: list[tuple[str, int, Check]], faults: list[Fault]
) -> list[Any]:
    """The row's values; what is wrong with it is added to the faults."""
    row: list[Any] = []
    for name, place, check in columns:
        text = cells[place] if place < len(cells) else ""
        try:
            row.append(check(text))
        except ValueError as wanted:
            faults.append(Fault(number, name, text, str(wanted)))
    return row


def _in_words(faults: list[Fault]) -> Iterator[str]:
    """Those of each column in one sentence."""
    for name in dict.fromkeys(fault.column for fault in faults):
        own = [fault for fault in faults if fault.column == name]
        texts = ", ".join(repr(each) for each in dict.fromkeys(fault.text for fault in own[:SHOWN]))
        lines = ", ".join(str(fault.line) for fault in own[:SHOWN])
        more = f" and {len(own) - SHOWN} more" if len(own) > SHOWN else ""
        if len(own) == 1:
            yield f"line {lines}, column {name}: {texts} must be {own[0].wanted}"
        else:
            yield f"column {name}, lines {lines}{more}: {texts} must be {own[0].wanted}"
