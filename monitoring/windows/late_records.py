"""Records of windows that have closed, until these are updated with them. Pure: no clock.

What a closed window contains is known exactly: partitions are read in order, so its records up to
its last offset of a partition are in it, and none after that. A second reading changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from monitoring.windows.batch import E_co, EventBatch, Integers, TopicPartition
from monitoring.windows.window import OpenWindow

LATE: Final = "late"
"""Result of a record that is too late for its window, which does not get it."""

LATE_WINDOWED: Final = "late_windowed"
"""Result of a record that updates its closed window."""

ALREADY_CLOSED: Final = "already_closed"
"""Result of a record that is read again, and is in a closed window."""

UPDATE_INTERVAL: Final = 10.0
"""Seconds from a window's first late record to its update: many come together."""


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """A window that has closed.

    Attributes:
        start: Event time in ms, as is `end`.
        last_offsets: By partition, the offset of its last record; None if that is not known, so
            that it takes no more records.
    """

    start: int
    end: int
    last_offsets: Mapping[TopicPartition, int] | None


class LateRecords:
    """The closed windows that still take records, and the late records of each."""

    def __init__(
        self,
        length: int,
        max_age: int,
        create_window: Callable[[int, int], OpenWindow],
        closed: Iterable[ClosedSpan],
        restored: int,
    ) -> None:
        """Starts without late records.

        Args:
            length: Length of a window, ms.
            max_age: Event time (ms) for which a window takes records after it was over.
            create_window: Returns a window from start to end (ms) without records.
            closed: The windows that an earlier process closed.
            restored: An earlier process closed every window that ends by this time, ms.
        """
        self._length = length
        self._max_age = max_age
        self._restored = restored
        self._create_window = create_window
        self._closed = {span.start: span for span in closed}
        self._parts: dict[int, OpenWindow] = {}
        self._due: dict[int, float] = {}

    def add_closed(self, window: OpenWindow, closed_before: int) -> None:
        """Notes that a window has closed, for the first time or with its late records.

        Args:
            window: The window.
            closed_before: Windows that end by this time (ms) are over.
        """
        last_offsets = dict(window.last_offsets)
        self._closed[window.start] = ClosedSpan(window.start, window.end, last_offsets)
        horizon = closed_before - self._max_age
        self._parts = {
            start: part
            for start, part in self._parts.items()
            if part.end > horizon or part.has_records
        }
        self._closed = {
            start: span
            for start, span in self._closed.items()
            if span.end > horizon or start in self._parts
        }

    def is_closed(self, start: int) -> bool:
        """Whether there is a closed window with this start (ms)."""
        return start in self._closed

    def by_window(
        self,
        batch: EventBatch[E_co],
        indices: Integers,
        closed_before: int,
        results: "Counter[str]",
    ) -> Iterator[tuple[OpenWindow, Integers]]:
        """The windows of late events, each with the indices of those it does not contain yet.

        Args:
            batch: The events.
            indices: The late ones.
            closed_before: Windows that end by this time (ms) are over.
            results: Counts the events. Those that are too late, and older than this process, may
                have been read by an earlier one, and are counted as if they were in their window.
        """
        slots = batch.times[indices] // self._length * self._length
        for slot in np.unique(slots).tolist():
            of_slot = indices[slots == slot]
            span = self._span_of(slot, closed_before)
            if span is None or span.last_offsets is None:
                restored = int(np.count_nonzero(batch.times[of_slot] < self._restored))
                results += Counter({ALREADY_CLOSED: restored, LATE: len(of_slot) - restored})
                continue
            new = of_slot[batch.offsets[of_slot] > span.last_offsets.get(batch.partition, -1)]
            results += Counter({LATE_WINDOWED: len(new), ALREADY_CLOSED: len(of_slot) - len(new)})
            if len(new):
                yield self._part(span), new

    def window_of(
        self, partition: TopicPartition, offset: int, time: int, closed_before: int
    ) -> OpenWindow | None:
        """The window of one late message; None if it is too late or contained already."""
        span = self._span_of(time // self._length * self._length, closed_before)
        if span is None or span.last_offsets is None:
            return None
        return self._part(span) if offset > span.last_offsets.get(partition, -1) else None

    def pop_due(self, now: float) -> OpenWindow | None:
        """The late records of the oldest window that is to be updated; None if there is none.

        Args:
            now: Seconds of a monotonic clock.
        """
        due = [
            start
            for start, part in sorted(self._parts.items())
            if part.has_records and self._due.setdefault(start, now + UPDATE_INTERVAL) <= now
        ]
        if not due:
            return None
        del self._due[due[0]]
        return self._parts.pop(due[0])

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to have the late records again."""
        yield from (part.first_offsets for part in self._parts.values())

    def _span_of(self, slot: int, closed_before: int) -> ClosedSpan | None:
        """The closed window that the window of one length at `slot` (ms) is, or is part of.

        A window that had no record when it was over is closed as well. None if it is too old, or
        overlaps one that was closed when windows had another length.
        """
        end, horizon = slot + self._length, closed_before - self._max_age
        for span in self._closed.values():
            if span.start < end and slot < span.end:
                whole = span.start <= slot and end <= span.end
                return span if whole and span.end > horizon else None
        return ClosedSpan(slot, end, {}) if slot >= horizon else None

    def _part(self, span: ClosedSpan) -> OpenWindow:
        part = self._parts.get(span.start)
        if part is None:
            part = self._parts[span.start] = self._create_window(span.start, span.end)
        return part
