"""Reads and checks the data set: ours, or the real `car_data.csv` in its place."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, get_args

import pandas as pd

from contract.errors import BadDataset
from contract.events import Gender
from data.csv_lines import csv_lines

DEFAULT: Final = Path(__file__).with_name("car_data.csv")

Check = Callable[[str], Any]


def _gender(text: str) -> str:
    if text not in get_args(Gender):
        raise ValueError(f"one of {', '.join(get_args(Gender))}")
    return text


def _number(lowest: float, highest: float) -> Check:
    def check(text: str) -> float:
        wanted = f"a number from {lowest:g} to {highest:g}"
        try:
            number = float(text)
        except ValueError:
            raise ValueError(wanted) from None
        if not lowest <= number <= highest:  # false for NaN as well
            raise ValueError(wanted)
        return number

    return check


def _purchased(text: str) -> int:
    if text not in {"0", "1"}:
        raise ValueError("0 or 1")
    return int(text)


COLUMNS: Final[dict[str, Check]] = {
    "User ID": str,
    "Gender": _gender,
    "Age": _number(0, 150),
    "AnnualSalary": _number(0, 1e9),
    "Purchased": _purchased,
}
"""Each column and what its text must be: the ranges of the contract's customer record."""


def load(path: Path) -> pd.DataFrame:
    """One row a customer, columns as in `COLUMNS`; further columns are left out.

    Reads UTF-8 with or without a byte-order mark and any line ends. Raises `BadDataset` with
    the file, the line and the column of the first fault.
    """
    lines = csv_lines(io.StringIO(_text(path), newline=""), str(path))
    _, header = next(lines, (1, []))
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadDataset(
            f"{path}, line 1: no column {', '.join(missing)}; "
            f"the header must name {', '.join(COLUMNS)}"
        )
    places = {name: header.index(name) for name in COLUMNS}
    rows = [_row(path, number, cells, places) for number, cells in lines if cells]
    if not rows:
        raise BadDataset(f"{path}, line 2: no rows; at least one customer is needed")
    return pd.DataFrame(rows, columns=list(COLUMNS))


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


def _row(path: Path, number: int, cells: list[str], places: dict[str, int]) -> list[Any]:
    row = []
    for name, place in places.items():
        text = cells[place] if place < len(cells) else ""
        try:
            row.append(COLUMNS[name](text))
        except ValueError as wanted:
            raise BadDataset(
                f"{path}, line {number}, column {name}: {text!r} must be {wanted}"
            ) from None
    return row
