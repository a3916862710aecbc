"""Read position of a partition: estimates how many of its offsets are records. Pure.

Transaction markers and aborted records have offsets too, so offsets alone overstate a lag.
"""

from dataclasses import dataclass
from typing import Final

MAX_OFFSETS: Final = 1_000
"""Number of the latest offsets, about, over which the share of records is computed."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition is read.

    Attributes:
        next_offset: The offset after the last record; None before the first.
        end: The end of the partition when it was last read to it.
        records: How many of the latest offsets were records.
        offsets: How many offsets that is of.
    """

    next_offset: int | None = None
    end: int = 0
    records: int = 0
    offsets: int = 0

    def after_records(self, count: int, first: int, last: int) -> "Position":
        """The position after `count` more records, from offset `first` to `last`."""
        # The end that follows them may have been reported before.
        since = first if self.next_offset is None else max(self.next_offset, self.end)
        records, offsets = self.records + count, self.offsets + max(0, last + 1 - since)
        while offsets > MAX_OFFSETS:
            records, offsets = -(-records // 2), -(-offsets // 2)
        return Position(last + 1, self.end, records, offsets)

    def at_end(self, end: int) -> "Position":
        """The position once nothing is left to read before the offset `end`."""
        if self.next_offset is None:
            return Position(end=end)
        offsets = self.offsets + max(0, end - max(self.next_offset, self.end))
        return Position(self.next_offset, end, self.records, offsets)

    @property
    def record_ratio(self) -> float:
        """Share of the latest offsets that were records; 1 where none was read."""
        return self.records / self.offsets if self.offsets else 1.0

    def estimate_records(self, first: int, end: int) -> int:
        """Estimates the records between two offsets; none between the last one and the end."""
        offsets = max(0, end - first)
        if self.next_offset is not None:
            offsets -= max(0, min(end, self.end) - max(first, self.next_offset))
        return offsets * self.records // self.offsets if self.offsets else offsets
