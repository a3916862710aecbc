"""Events -> tumbling windows of event time, joined on the id. Pure: no clock, no Kafka."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, TypeAlias

from contract.events import CustomerRecord, Outcome, Prediction
from monitoring.sample import Row, Sample

Place: TypeAlias = "tuple[str, int]"
"""A topic and a partition."""

WINDOWED: Final = "windowed"
LATE: Final = "late"
DUPLICATE: Final = "duplicate"
WAITING: Final = "waiting"
UNMATCHED: Final = "unmatched"


@dataclass(slots=True)
class Window:
    """The records of `start <= event time < end`, in ms.

    Attributes:
        customers: records of `customers`, all of them.
        predictions: records of `predictions`, all of them.
        sample: some of the rows, joined.
        first: the smallest offset of each partition that the window holds.
        changed: an outcome came since its figures were last reported.
    """

    start: int
    end: int
    sample: Sample
    customers: int = 0
    predictions: int = 0
    first: dict[Place, int] = field(default_factory=dict)
    changed: bool = False

    @property
    def complete(self) -> list[Row]:
        """The sampled rows that have a customer and a prediction."""
        return [row for row in self.sample.rows.values() if row.customer and row.prediction]


class Windows:
    """The open windows, and the closed ones whose outcomes are still waited for."""

    def __init__(
        self, length: int, sample_rows: int, kept: int, kept_outcomes: int, not_before: int = 0
    ) -> None:
        """All times in ms. Records of windows before `not_before` are late."""
        self._length = length
        self._sample_rows = sample_rows
        self._kept = kept
        self._kept_outcomes = kept_outcomes
        self._not_before = not_before
        self._open: dict[int, Window] = {}
        self._closed: deque[Window] = deque()
        self._closed_before = not_before
        self._where: dict[str, Window] = {}
        self._waiting: OrderedDict[str, tuple[int, Place, int]] = OrderedDict()

    def customer(
        self, event_id: str, record: CustomerRecord, time: int, place: Place, offset: int
    ) -> str:
        """Takes a customer record; returns what became of it."""
        window = self._window(time, place, offset)
        if window is None:
            return LATE
        window.customers += 1
        row = self._row(window, event_id)
        if row is not None:
            if row.customer is not None:
                window.customers -= 1
                return DUPLICATE
            row.customer = record
        return WINDOWED

    def prediction(self, prediction: Prediction, place: Place, offset: int) -> str:
        """Takes a prediction; returns what became of it."""
        window = self._window(prediction.event_time, place, offset)
        if window is None:
            return LATE
        window.predictions += 1
        row = self._row(window, prediction.id)
        if row is not None:
            if row.prediction is not None:
                window.predictions -= 1
                return DUPLICATE
            row.prediction = prediction
        return WINDOWED

    def outcome(self, outcome: Outcome, place: Place, offset: int) -> str:
        """Takes an outcome: to its window if that is here, else it waits for its customer."""
        window = self._where.get(outcome.id)
        if window is not None:
            row = window.sample.rows[outcome.id]
            if row.purchased is not None:
                return DUPLICATE
            _label(window, row, (outcome.purchased, place, offset))
            return WINDOWED
        self._waiting[outcome.id] = (outcome.purchased, place, offset)
        if len(self._waiting) <= self._kept_outcomes:
            return WAITING
        self._waiting.popitem(last=False)
        return UNMATCHED

    def close(self, watermark: float) -> list[Window]:
        """Closes the windows that end at or before the watermark (ms); the oldest first."""
        done = sorted(start for start, window in self._open.items() if window.end <= watermark)
        closed = [self._open.pop(start) for start in done]
        ends = [closed[-1].end] if closed else []
        if isfinite(watermark):  # windows that nothing came for are over as well
            ends.append(int(watermark) // self._length * self._length)
        self._closed_before = max(self._closed_before, *ends) if ends else self._closed_before
        self._closed.extend(closed)
        while len(self._closed) > self._kept:
            for event_id in self._closed.popleft().sample.rows:
                self._where.pop(event_id, None)
        return closed

    def changed(self) -> Iterator[Window]:
        """The closed windows that outcomes came for since this was last asked."""
        for window in self._closed:
            if window.changed:
                window.changed = False
                yield window

    def first_offsets(self) -> dict[Place, int]:
        """Where reading must start again to build all of the present windows again."""
        first: dict[Place, int] = {}
        for window in (*self._closed, *self._open.values()):
            for place, offset in window.first.items():
                first[place] = min(offset, first.get(place, offset))
        for _, place, offset in self._waiting.values():
            first[place] = min(offset, first.get(place, offset))
        return first

    @property
    def empty(self) -> bool:
        """Whether no window is open."""
        return not self._open

    def _window(self, time: int, place: Place, offset: int) -> Window | None:
        if time < self._closed_before:
            return None
        start = time - time % self._length
        window = self._open.get(start)
        if window is None:
            end = start + self._length
            window = self._open[start] = Window(start, end, Sample(self._sample_rows))
        if offset < window.first.setdefault(place, offset):
            window.first[place] = offset
        return window

    def _row(self, window: Window, event_id: str) -> Row | None:
        row, gone = window.sample.row(event_id)
        if gone is not None:
            self._where.pop(gone, None)
        if row is not None and self._where.setdefault(event_id, window) is window:
            outcome = self._waiting.pop(event_id, None)
            if outcome is not None:
                _label(window, row, outcome)
        return row


def _label(window: Window, row: Row, outcome: tuple[int, Place, int]) -> None:
    row.purchased, place, offset = outcome
    window.first[place] = min(offset, window.first.get(place, offset))
    window.changed = True
