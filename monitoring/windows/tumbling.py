"""Batches -> tumbling windows of event time, opened as they come, closed by the watermark. Pure.

A window with too few customers is extended over the next ones until it has enough, as long as they
hold any records. Each is complete by then: what is decided depends on event times alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord, Prediction
from monitoring.windows.batch import Batch, E_co, Hashes, Integers, Invalid, Place
from monitoring.windows.window import ClosedWindow, Limits, OpenWindow

Results: TypeAlias = "Counter[str]"
"""How many records had which fate."""

WINDOWED: Final = "windowed"
LATE: Final = "late"
ALREADY_CLOSED: Final = "already_closed"


@dataclass(frozen=True, slots=True)
class Extension:
    """Which windows are extended.

    Attributes:
        min_rows: distinct customers that a window needs; not more than its sample can have.
        max_length: of an extended window, ms.
    """

    min_rows: int = 0
    max_length: int = 0


class Windows:
    """The open windows."""

    def __init__(
        self,
        length: int,
        limits: Limits,
        closed_before: int = 0,
        extension: Extension = Extension(),
    ) -> None:
        """Times in ms. An earlier process has closed every window that ends by `closed_before`."""
        self._length = length
        self._limits = limits
        self._extension = extension
        self._restored = closed_before
        self._closed_before = closed_before
        self._open: dict[int, OpenWindow] = {}
        self._extended: OpenWindow | None = None

    def customers(self, batch: Batch[CustomerRecord]) -> Results:
        """Takes customer records; returns what became of them."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, self._in_time(batch), results):
            window.customers(ids, batch.events, chosen)
        return results

    def predictions(self, batch: Batch[Prediction]) -> Results:
        """Takes predictions; returns what became of them."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, self._in_time(batch), results):
            window.predictions(ids, batch.events, chosen)
        return results

    def shadows(self, batch: Batch[Prediction]) -> Results:
        """Takes what a model in the champion's shadow predicted; returns what became of it."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, self.is_open(batch), results):
            window.shadows(ids, batch.events, chosen)
        return results

    def is_open(self, batch: Batch[E_co]) -> NDArray[np.bool_]:
        """Which of the batch are for windows that are not closed yet, complete as they may be."""
        window = self._extended
        if window is None:
            return self._in_time(batch)
        extended = (batch.times >= window.start) & (batch.times < window.end)
        return self._in_time(batch) | extended

    def invalid(self, place: Place, records: Iterable[Invalid]) -> None:
        """Takes customer records that do not fit the contract."""
        for record in records:
            if record.time >= self._closed_before:
                window = self._window(record.time - record.time % self._length)
                window.holds(place, record.offset)
                window.invalid(record.reason)

    def close(self, watermark: float) -> list[ClosedWindow]:
        """Closes the windows that end at or before the watermark (ms); the oldest first.

        Those with too few customers stay open for as long as they can be extended.
        """
        done = sorted(start for start, window in self._open.items() if window.end <= watermark)
        closed = [each.close() for start in done for each in self._complete(self._open.pop(start))]
        if self._extended is not None and not self._can_grow(self._extended, watermark):
            closed.append(self._extended.close())
            self._extended = None
        if done:
            self._closed_before = max(self._closed_before, done[-1] + self._length)
        if isfinite(watermark):  # windows that nothing came for are over as well
            over = int(watermark) // self._length * self._length
            self._closed_before = max(self._closed_before, over)
        return closed

    def first_offsets(self) -> Iterator[dict[Place, int]]:
        """Where reading must start again to build each of the open windows again."""
        yield from (window.first for window in self._open.values())
        if self._extended is not None:
            yield self._extended.first

    def __len__(self) -> int:
        return len(self._open) + (self._extended is not None)

    def _complete(self, window: OpenWindow) -> Iterator[OpenWindow]:
        """Takes a window that nothing more comes for; yields those that need no extension."""
        before, self._extended = self._extended, None
        if before is not None:
            if window.start == before.end:
                before.absorb(window)
                window = before
            else:
                yield before
        if self._can_grow(window, window.end):
            self._extended = window
        else:
            yield window

    def _can_grow(self, window: OpenWindow, watermark: float) -> bool:
        """Whether the window needs more customers, and the next one may have some."""
        longer = window.end + self._length
        return (
            len(window) < min(self._extension.min_rows, self._limits.sample)
            and longer - window.start <= self._extension.max_length
            and watermark < longer
        )

    def _in_time(self, batch: Batch[E_co]) -> NDArray[np.bool_]:
        return batch.times >= self._closed_before

    def _parts(
        self,
        batch: Batch[CustomerRecord] | Batch[Prediction],
        in_time: NDArray[np.bool_],
        results: Results,
    ) -> Iterator[tuple[OpenWindow, Hashes, Integers]]:
        """The windows that a batch is for, with the hashes and the indices of what is theirs."""
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
            chosen = np.flatnonzero(in_time & (starts == start))
            window = self._window(start)
            window.holds(batch.place, int(batch.offsets[chosen].min()))
            yield window, batch.ids[chosen], chosen

    def _window(self, start: int) -> OpenWindow:
        if self._extended is not None and self._extended.start <= start < self._extended.end:
            return self._extended
        window = self._open.get(start)
        if window is None:
            end = start + self._length
            window = self._open[start] = OpenWindow(start, end, self._limits)
        return window
