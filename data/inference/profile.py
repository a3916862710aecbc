"""The cells of a column -> what they can be: numbers, dates, booleans, and how many. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from data.cells import BOOLEAN_CELLS

MARKERS: Final = frozenset(
    ("?", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "#N/A", "<NA>")
)
"""Cells that are missing values wherever they are."""

POSSIBLE_MARKERS: Final = frozenset(
    ("-", "--", ".", "None", "none", "missing", "unknown", "Unknown", "UNKNOWN")
)
"""Cells that are missing values among numbers and dates. Among texts they may be categories."""

MAX_DISTINCT: Final = 50_000
"""Distinct cells of a column that are counted."""

MAX_DATES: Final = 2_000
"""Distinct cells of a batch of rows that are tried as dates."""

ISO: Final = ""
FORMATS: Final = tuple(
    f"{day}{time}"
    for day in (
        "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
        "%d %b %Y", "%d-%b-%Y", "%b %d, %Y",
    )
    for time in ("", " %H:%M", " %H:%M:%S")
)  # fmt: skip

_POINT: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA: Final = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d+)?")


class ColumnProfile:
    """What the cells of a column have been so far.

    Attributes:
        header: Name in the file.
        rows: Number of cells.
        missing: Missing cells by their text: empty ones, `MARKERS` and `POSSIBLE_MARKERS`.
        counts: The other cells; only the first `MAX_DISTINCT` of them.
        point, comma: Whether all others are numbers, with a decimal point or comma.
        fractions: Decimal points and commas that were seen in numbers.
        grouped: Whether some are numbers in groups of three digits.
        whole: Whether all are whole numbers.
        padded: Whether some have a leading zero, as codes have.
        boolean: Whether all are spellings of true or false.
        formats: Date formats that all have; `ISO` for ISO 8601.
        has_time: Whether a date has a time of day.
        low, high: Smallest and largest number.
        latest: The latest date by format.
        longest: Length of the longest text.
    """

    def __init__(self, header: str) -> None:
        self.header = header
        self.rows = 0
        self.missing: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.point = self.comma = self.whole = self.boolean = True
        self.grouped = self.padded = self.has_time = False
        self.fractions: set[str] = set()
        self.formats: tuple[str, ...] = (ISO, *FORMATS)
        self.low, self.high = float("inf"), float("-inf")
        self.latest: dict[str, datetime] = {}
        self.longest = 0

    def add(self, cells: Iterable[str]) -> None:
        """Adds the cells of further rows, without surrounding blanks."""
        counts = Counter(cells)
        self.rows += counts.total()
        for text in counts.keys() & {"", *MARKERS, *POSSIBLE_MARKERS}:
            self.missing[text] += counts.pop(text)
        self._add_values(counts)
        if len(self.counts) < MAX_DISTINCT:
            self.counts.update(counts)

    @property
    def distinct(self) -> int:
        """Distinct values that are not missing, at most about `MAX_DISTINCT`."""
        return len(self.counts)

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self.rows - self.missing.total()

    def without_possible_markers(self, keep: Collection[str] = ()) -> None:
        """Takes `POSSIBLE_MARKERS` as values, but for those to keep."""
        for text in (self.missing.keys() & POSSIBLE_MARKERS) - set(keep):
            self.counts[text] += self.missing.pop(text)

    def _add_values(self, counts: "Counter[str]") -> None:
        self.longest = max(self.longest, max(map(len, counts), default=0))
        self.boolean = self.boolean and all(text.lower() in BOOLEAN_CELLS for text in counts)
        if self.point or self.comma:
            self._add_numbers(counts)
        if self.formats:
            for text in islice(counts, MAX_DATES):
                self.formats = tuple(each for each in self.formats if self._is_date(text, each))

    def _add_numbers(self, counts: "Counter[str]") -> None:
        self.point = self.point and _all(_POINT, counts)
        self.comma = self.comma and _all(_COMMA, counts)
        self.grouped = self.grouped or any(map(_GROUPED.fullmatch, counts))
        self.padded = self.padded or any(
            text[:1] == "0" and text[1:].isdecimal() for text in counts if len(text) > 1
        )
        for mark in ".,":
            if any(mark in text for text in counts):
                self.fractions.add(mark)
        if counts and (self.point or self.comma):
            numbers = [float(text.replace(",", ".")) for text in counts]
            self.low, self.high = min(self.low, *numbers), max(self.high, *numbers)
            self.whole = self.whole and all(number.is_integer() for number in numbers)

    def _is_date(self, text: str, layout: str) -> bool:
        if not text[:1].isalnum() or text.isdecimal():
            return False
        parse: Callable[[str], datetime] = (
            datetime.fromisoformat
            if layout == ISO
            else lambda cell: datetime.strptime(cell, layout)
        )
        try:
            moment = parse(text).replace(tzinfo=None)
        except ValueError:
            return False
        self.has_time = self.has_time or ":" in text
        self.latest[layout] = max(moment, self.latest.get(layout, moment))
        return True


def _all(pattern: "re.Pattern[str]", texts: Iterable[str]) -> bool:
    return all(map(pattern.fullmatch, texts))
