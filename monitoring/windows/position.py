"""Offsets -> records: markers of transactions, and what was aborted, have offsets too. Pure."""

from dataclasses import dataclass
from typing import Final

REMEMBERED: Final = 1_000
"""Latest offsets, about, of which the share of records is taken."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition is read.

    Attributes:
        after: the offset after the last record; None before the first.
        end: the end of the partition when it was last read to it.
        records, offsets: how many of the latest offsets were records.
    """

    after: int | None = None
    end: int = 0
    records: int = 0
    offsets: int = 0

    def read(self, count: int, first: int, last: int) -> "Position":
        """The position after so many more records, at these offsets.

        The end that follows them may have been told of before.
        """
        since = first if self.after is None else max(self.after, self.end)
        records, offsets = self.records + count, self.offsets + max(0, last + 1 - since)
        while offsets > REMEMBERED:
            records, offsets = -(-records // 2), -(-offsets // 2)
        return Position(last + 1, self.end, records, offsets)

    def read_to_end(self, end: int) -> "Position":
        """The position once nothing is left to read before the offset `end`."""
        if self.after is None:
            return Position(end=end)
        offsets = self.offsets + max(0, end - max(self.after, self.end))
        return Position(self.after, end, self.records, offsets)

    @property
    def share(self) -> float:
        """Share of the latest offsets that were records; 1 where none is known."""
        return self.records / self.offsets if self.offsets else 1.0

    def count(self, first: int, end: int) -> int:
        """Records between two offsets: estimated, but none between the last one and the end."""
        offsets = max(0, end - first)
        if self.after is not None:
            offsets -= max(0, min(end, self.end) - max(first, self.after))
        return offsets * self.records // self.offsets if self.offsets else offsets
