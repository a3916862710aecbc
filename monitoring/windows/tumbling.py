"""Batches -> tumbling windows of event time, opened as they come, closed by the watermark. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract.events import CustomerRecord, Prediction
from monitoring.windows.batch import Batch, E, Hashes, Integers, Invalid, Place
from monitoring.windows.window import ClosedWindow, Limits, OpenWindow

Results: TypeAlias = "Counter[str]"
"""How many records had which fate."""

WINDOWED: Final = "windowed"
LATE: Final = "late"
ALREADY_CLOSED: Final = "already_closed"


class Windows:
    """The open windows."""

    def __init__(self, length: int, limits: Limits, closed_before: int = 0) -> None:
        """Times in ms. An earlier process has closed every window that ends by `closed_before`."""
        self._length = length
        self._limits = limits
        self._restored = closed_before
        self._closed_before = closed_before
        self._open: dict[int, OpenWindow] = {}

    def customers(self, batch: Batch[CustomerRecord]) -> Results:
        """Takes customer records; returns what became of them."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, results):
            window.customers(ids, batch.events, chosen)
        return results

    def predictions(self, batch: Batch[Prediction]) -> Results:
        """Takes predictions; returns what became of them."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, results):
            window.predictions(ids, batch.events, chosen)
        return results

    def shadows(self, batch: Batch[Prediction]) -> Results:
        """Takes what a model in the champion's shadow predicted; returns what became of it."""
        results: Results = Counter()
        for window, ids, chosen in self._parts(batch, results):
            window.shadows(ids, batch.events, chosen)
        return results

    def is_open(self, batch: Batch[E]) -> NDArray[np.bool_]:
        """Which of the batch are for windows that are not closed yet."""
        return batch.times >= self._closed_before

    def invalid(self, place: Place, records: Iterable[Invalid]) -> None:
        """Takes customer records that do not fit the contract."""
        for record in records:
            if record.time >= self._closed_before:
                window = self._window(record.time - record.time % self._length)
                window.holds(place, record.offset)
                window.invalid(record.reason)

    def close(self, watermark: float) -> list[ClosedWindow]:
        """Closes the windows that end at or before the watermark (ms); the oldest first."""
        done = sorted(start for start, window in self._open.items() if window.end <= watermark)
        closed = [self._open.pop(start).close() for start in done]
        if isfinite(watermark):  # windows that nothing came for are over as well
            over = int(watermark) // self._length * self._length
            self._closed_before = max(self._closed_before, over)
        if closed:
            self._closed_before = max(self._closed_before, closed[-1].end)
        return closed

    def first_offsets(self) -> Iterator[dict[Place, int]]:
        """Where reading must start again to build each of the open windows again."""
        return (window.first for window in self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def _parts(
        self, batch: Batch[CustomerRecord] | Batch[Prediction], results: Results
    ) -> Iterator[tuple[OpenWindow, Hashes, Integers]]:
        """The windows that a batch is for, with the hashes and the indices of what is theirs."""
        times = batch.times
        in_time = times >= self._closed_before
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
        window = self._open.get(start)
        if window is None:
            end = start + self._length
            window = self._open[start] = OpenWindow(start, end, self._limits)
        return window
