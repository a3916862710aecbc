"""Event batches -> tumbling windows of event time, closed by the watermark. Pure.

A closed window with too few customers is extended over the next ones until it has enough, as long
as they hold any records. Each of them is complete by then, so the result depends on event times
alone and not on the order of arrival.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord, Prediction
from contract.schema.classes import Classes
from monitoring.windows.batch import (
    E_co,
    EventBatch,
    Hashes,
    Integers,
    InvalidMessage,
    TopicPartition,
)
from monitoring.windows.window import ClosedWindow, OpenWindow, WindowLimits

Results: TypeAlias = "Counter[str]"
"""Number of records by result."""

WINDOWED: Final = "windowed"
LATE: Final = "late"
ALREADY_CLOSED: Final = "already_closed"

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
    """The open windows."""

    def __init__(
        self,
        length: int,
        limits: WindowLimits,
        classes: Classes,
        closed_before: int = 0,
        extension: WindowExtension = WindowExtension(),
    ) -> None:
        """Starts without open windows.

        Args:
            length: Length of a window, ms.
            limits: What each window may keep.
            classes: The classes of the target.
            closed_before: An earlier process closed every window that ends by this time, ms.
            extension: Which windows are extended.
        """
        self._length = length
        self._limits = limits
        self._classes = classes
        self._extension = extension
        self._restored = closed_before
        self._closed_before = closed_before
        self._open: dict[int, OpenWindow] = {}
        self._extended: OpenWindow | None = None

    def add_customers(self, batch: EventBatch[CustomerRecord]) -> Results:
        """Adds customer records to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, self._in_time(batch), results):
            window.add_customers(ids, batch.events, indices)
        return results

    def add_predictions(self, batch: EventBatch[Prediction]) -> Results:
        """Adds predictions to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, self._in_time(batch), results):
            window.add_predictions(ids, batch.events, indices)
        return results

    def add_shadow_predictions(self, batch: EventBatch[Prediction]) -> Results:
        """Adds predictions of the shadow model to their windows."""
        results: Results = Counter()
        for window, ids, indices in self._by_window(batch, self.is_open(batch), results):
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
            if message.time >= self._closed_before:
                window = self._window(message.time - message.time % self._length)
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
            closed += [complete.close() for complete in self._complete(window)]
        if self._extended is not None and not self._can_grow(self._extended, watermark):
            closed.append(self._extended.close())
            self._extended = None
        if done:
            self._closed_before = max(self._closed_before, done[-1] + self._length)
        if isfinite(watermark):  # windows without any record are closed as well
            over = int(watermark) // self._length * self._length
            self._closed_before = max(self._closed_before, over)
        return closed

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to build the open windows again."""
        yield from (window.first_offsets for window in self._open.values())
        if self._extended is not None:
            yield self._extended.first_offsets

    def __len__(self) -> int:
        return len(self._open) + (self._extended is not None)

    def _complete(self, window: OpenWindow) -> Iterator[OpenWindow]:
        """Takes a window that is complete. Yields those that are not extended any further."""
        before, self._extended = self._extended, None
        if before is not None:
            if window.start == before.end:
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
        in_time: NDArray[np.bool_],
        results: Results,
    ) -> Iterator[tuple[OpenWindow, Hashes, Integers]]:
        """The windows of a batch, each with the hashes and the indices of its events."""
        times = batch.times
        restored = int(np.count_nonzero(times < self._restored))
        windowed = int(np.count_nonzero(in_time))
        results += Counter(
            {
                WINDOWED: windowed,
                ALREADY_CLOSED: restored,
                LATE: len(times) - windowed - restored,
            }
        )
        starts = times - times % self._length
        for start in np.unique(starts[in_time]).tolist():
            indices = np.flatnonzero(in_time & (starts == start))
            window = self._window(start)
            window.note_offset(batch.partition, int(batch.offsets[indices].min()))
            yield window, batch.ids[indices], indices

    def _window(self, start: int) -> OpenWindow:
        if self._extended is not None and self._extended.start <= start < self._extended.end:
            return self._extended
        window = self._open.get(start)
        if window is None:
            end = start + self._length
            window = self._open[start] = OpenWindow(start, end, self._limits, self._classes)
        return window
