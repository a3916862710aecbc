"""Event batches -> tumbling windows of event time, closed by the watermark. Pure.

A closed window with too few customers is extended over the next ones until it has enough, as long
as they hold any records. Each of them is complete by then, so the result depends on event times
alone and not on the order of arrival.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord, Prediction
from contract.schema.task import Task
from monitoring.windows.batch import (
    E_co,
    EventBatch,
    Hashes,
    Integers,
    InvalidMessage,
    TopicPartition,
)
from monitoring.windows.late_records import ClosedSpan, LateRecords
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits, WindowState

Results: TypeAlias = "Counter[str]"
"""Number of records by result."""

WINDOWED: Final = "windowed"

NO_PARTITIONS: Final[Mapping[TopicPartition, float]] = {}


@dataclass(frozen=True, slots=True)
class WindowExtension:
    """Which windows are extended.

    Attributes:
        min_rows: Distinct customers that a window needs; at most the size of its sample.
        max_length: Maximum length of an extended window, ms.
    """

    min_rows: int = 0
    max_length: int = 0


class TumblingWindows:
    """The open windows, and the late records of closed ones."""

    def __init__(  # noqa: PLR0913
        self,
        length: int,
        limits: WindowLimits,
        task: Task,
        closed_before: int = 0,
        extension: WindowExtension = WindowExtension(),
        *,
        max_late_windows: int = 0,
        closed: Iterable[ClosedSpan] = (),
    ) -> None:
        """Starts without open windows.

        Args:
            length: Length of a window, ms.
            limits: What each window may keep.
            task: What is predicted.
            closed_before: An earlier process closed every window that ends by this time, ms.
            extension: Which windows are extended.
            max_late_windows: How late a record may be, in windows that are over.
            closed: The windows that an earlier process closed.
        """
        self._length = length
        self._limits = limits
        self._task = task
        self._extension = extension
        self._closed_before = closed_before
        self._open: dict[int, OpenWindow] = {}
        self._extended: OpenWindow | None = None
        self._late = LateRecords(
            length, max_late_windows * length, self._create_window, closed, closed_before
        )

    def add_customers(self, batch: EventBatch[CustomerRecord]) -> Results:
        """Adds customer records to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, results):
            window.add_customers(ids, batch.events, indices)
        return results

    def add_predictions(self, batch: EventBatch[Prediction]) -> Results:
        """Adds predictions to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, results):
            window.add_predictions(ids, batch.events, indices)
        return results

    def add_shadow_predictions(self, batch: EventBatch[Prediction]) -> Results:
        """Adds predictions of the shadow model to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, results):
            window.add_shadow_predictions(ids, batch.events, indices)
        return results

    def is_open(self, batch: EventBatch[E_co]) -> NDArray[np.bool_]:
        """Which events, shape (n,), belong to a window that is open or being extended."""
        window = self._extended
        if window is None:
            return self._in_time(batch)
        extended = (batch.times >= window.start) & (batch.times < window.end)
        return self._in_time(batch) | extended

    def add_invalid(self, partition: TopicPartition, messages: Iterable[InvalidMessage]) -> None:
        """Counts customer records that do not match the schema in the window of their timestamp."""
        for message in messages:
            window = self._window_of(partition, message)
            if window is not None:
                window.note_offset(partition, message.offset)
                window.add_invalid(message.reason)

    def close_until(
        self, watermark: float, missing: Mapping[TopicPartition, float] = NO_PARTITIONS
    ) -> list[ClosedWindow]:
        """Closes the windows that end at or before the watermark, the oldest first.

        Windows with too few customers stay open for as long as they can be extended.

        Args:
            watermark: The watermark, ms.
            missing: Partitions that windows no longer wait for, with the watermark (ms) of each.
        """
        done = sorted(start for start, window in self._open.items() if window.end <= watermark)
        closed = []
        for window in map(self._open.pop, done):
            window.missing_partitions.update(
                partition for partition, reached in missing.items() if reached < window.end
            )
            closed += [self.close(complete) for complete in self._complete(window)]
        if self._extended is not None and not self._can_grow(self._extended, watermark):
            closed.append(self.close(self._extended))
            self._extended = None
        if done:
            self._closed_before = max(self._closed_before, done[-1] + self._length)
        if isfinite(watermark):  # windows without any record are closed as well
            over = int(watermark) // self._length * self._length
            self._closed_before = max(self._closed_before, over)
        return closed

    def close(self, window: OpenWindow) -> ClosedWindow:
        """Closes a window, for the first time or with its late records."""
        self._late.add_closed(window, self._closed_before)
        return window.close()

    def update(
        self, late: OpenWindow, state: WindowState, held: Collection[TopicPartition] = ()
    ) -> ClosedWindow:
        """Closes a window again, with its late records.

        Args:
            late: The late records.
            state: What the window was made of when it closed.
            held: Partitions that an open transaction holds back. The others miss no more records.
        """
        window = OpenWindow.from_state(state, self._limits, self._task)
        window.merge(late)
        window.missing_partitions.intersection_update(held)
        window.revision += 1
        return self.close(window)

    def is_closed(self, start: int) -> bool:
        """Whether there is a closed window with this start (ms) that takes late records."""
        return self._late.is_closed(start)

    def pop_late_records(self, now: float) -> OpenWindow | None:
        """The late records of a closed window that is to be updated; None if there is none.

        They are of the window with the same start, or a window of their own if none has closed.

        Args:
            now: Seconds of a monotonic clock.
        """
        return self._late.pop_due(now)

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to have the same records again."""
        yield from self._late.required_offsets()
        yield from (window.first_offsets for window in self._open.values())
        if self._extended is not None:
            yield self._extended.first_offsets

    def __len__(self) -> int:
        return len(self._open) + (self._extended is not None)

    def _complete(self, window: OpenWindow) -> Iterator[OpenWindow]:
        """Takes a window that is complete. Yields those that are not extended any further."""
        before, self._extended = self._extended, None
        if before is not None:
            if window.start == before.end and self._can_grow(before, before.end):
                before.merge(window)
                window = before
            else:
                yield before
        if self._can_grow(window, window.end):
            self._extended = window
        else:
            yield window

    def _can_grow(self, window: OpenWindow, watermark: float) -> bool:
        """Whether the window needs more customers, and the next window may have some."""
        longer = window.end + self._length
        return (
            len(window) < min(self._extension.min_rows, self._limits.sample_rows)
            and longer - window.start <= self._extension.max_length
            and watermark < longer
        )

    def _in_time(self, batch: EventBatch[E_co]) -> NDArray[np.bool_]:
        return batch.times >= self._closed_before

    def _by_window(
        self,
        batch: EventBatch[CustomerRecord] | EventBatch[Prediction],
        results: Results,
    ) -> Iterator[tuple[OpenWindow, Hashes, Integers]]:
        """The windows of a batch, each with the hashes and the indices of its events."""
        is_open = self.is_open(batch)
        results += Counter({WINDOWED: int(np.count_nonzero(is_open))})
        late = self._late.by_window(batch, np.flatnonzero(~is_open), self._closed_before, results)
        for window, indices in (*self._open_windows(batch, is_open), *late):
            offsets = batch.offsets[indices]
            window.note_offset(batch.partition, int(offsets.min()))
            window.note_offset(batch.partition, int(offsets.max()))
            yield window, batch.ids[indices], indices

    def _open_windows(
        self, batch: EventBatch[E_co], is_open: NDArray[np.bool_]
    ) -> Iterator[tuple[OpenWindow, Integers]]:
        starts = batch.times - batch.times % self._length
        for start in np.unique(starts[is_open]).tolist():
            yield self._window(start), np.flatnonzero(is_open & (starts == start))

    def _window_of(self, partition: TopicPartition, message: InvalidMessage) -> OpenWindow | None:
        time = message.time
        extended = self._extended
        if time >= self._closed_before or (extended and extended.start <= time < extended.end):
            return self._window(time - time % self._length)
        return self._late.window_of(partition, message.offset, time, self._closed_before)

    def _window(self, start: int) -> OpenWindow:
        if self._extended is not None and self._extended.start <= start < self._extended.end:
            return self._extended
        window = self._open.get(start)
        if window is None:
            window = self._open[start] = self._create_window(start, start + self._length)
        return window

    def _create_window(self, start: int, end: int) -> OpenWindow:
        return OpenWindow(start, end, self._limits, self._task)
