"""The first lines of a CSV file -> separator and quote. Pure."""

import csv
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

SEPARATORS: Final = (",", ";", "\t", "|", ":", " ")
MAX_ROWS: Final = 200


@dataclass(frozen=True)
class Layout:
    """How the cells of a file are separated.

    Attributes:
        separator: Between two cells.
        quote: Around a cell that has the separator in it.
        rivals: Other separators that cut all rows into equally many cells, two or more.
    """

    separator: str
    quote: Literal['"', "'"]
    rivals: tuple[str, ...] = ()


def detect_layout(lines: list[str]) -> Layout:
    """Finds the separator with which most rows have as many cells as the header, two or more."""
    quote = _quote(lines)
    fits = {separator: _fit(lines, separator, quote) for separator in SEPARATORS}
    # of two that fit equally well, the one with more cells: a comma may be in each date
    best = max(SEPARATORS, key=lambda each: (fits[each], -SEPARATORS.index(each)))
    share, cells = fits[best]
    if not share or cells < 2:
        return Layout(",", quote)
    rivals = [each for each, fit in fits.items() if each != best and fit[0] == share and fit[1] > 1]
    return Layout(best, quote, tuple(rivals))


def _quote(lines: list[str]) -> Literal['"', "'"]:
    double, single = (sum(line.count(mark) for line in lines) for mark in ('"', "'"))
    starts = Counter(line[:1] for line in lines)
    return "'" if single and not double and starts["'"] == len(lines) else '"'


def _fit(lines: list[str], separator: str, quote: str) -> tuple[float, int]:
    """The share of rows with as many cells as the header, and how many those are."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator, quotechar=quote) if row]
    except csv.Error:
        return 0.0, 0
    cells = len(rows[0]) if rows else 0
    if cells < 2:
        return 0.0, cells
    return round(sum(len(row) == cells for row in rows) / len(rows), 2), cells
