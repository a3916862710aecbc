"""Closed windows in which a shadow model predicts beside the champion. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from contract.events import Prediction, ShadowComparison
from monitoring.windows.batch import EventBatch, TopicPartition
from monitoring.windows.labelled_window import LabelledWindow, with_window
from monitoring.windows.late_records import LATE
from monitoring.windows.tumbling import Results

JOINED: Final = "joined"


class ShadowWindows:
    """Compares champion and shadow in the latest closed windows.

    Shadow predictions that arrive after their window has closed still count.
    """

    def __init__(
        self, model: str, max_windows: int, restored: Iterable[LabelledWindow] = ()
    ) -> None:
        """Starts from the windows of an earlier process, the oldest first."""
        self._model = model
        self._max_windows = max_windows
        self._windows = list(restored)[-max_windows:]
        self._published: dict[int, tuple[int, int]] = {}
        """By window start, the rows and labelled rows of the comparison that was returned last."""

    def add_window(self, window: LabelledWindow) -> None:
        """Adds a window that has closed, or one that late records have updated."""
        self._windows = with_window(self._windows, window, self._max_windows)
        kept = {each.start for each in self._windows}
        self._published = {start: rows for start, rows in self._published.items() if start in kept}

    def add_late_predictions(
        self, batch: EventBatch[Prediction]
    ) -> tuple[Results, EventBatch[Prediction]]:
        """Adds shadow predictions of closed windows.

        Returns:
            Their number by result, and those whose record the champion has not predicted yet.
        """
        joined = 0
        rest = np.full(len(batch), True)
        for window in self._windows:
            if window.paired is not None:
                in_window = (batch.times >= window.start) & (batch.times < window.end)
                if in_window.any():
                    rest &= ~(in_window & window.paired.contains(batch.ids))
                    joined += window.paired.add_shadow_predictions(batch.select(in_window))
        results = Counter({JOINED: joined, LATE: int(np.count_nonzero(~rest)) - joined})
        return results, batch.select(rest)

    def pop_updated_comparisons(self) -> list[ShadowComparison]:
        """The comparisons of the windows that have more rows or labels than at the last call."""
        updated = []
        for window in self._windows:
            if window.paired is None or not (rows := window.paired.rows):
                continue
            current = rows, window.labelled_rows
            if self._published.get(window.start, (0, 0)) != current:
                self._published[window.start] = current
                updated += self._comparisons(window)
        return updated

    def mark_unpublished(self, window_start: int) -> None:
        """Has the comparisons of a window (start in ms) returned again, as they were not sent."""
        self._published.pop(window_start, None)

    def all_comparisons(self) -> list[ShadowComparison]:
        """The comparisons of all windows, the oldest first."""
        return [comparison for window in self._windows for comparison in self._comparisons(window)]

    def required_offsets(self) -> Iterator[dict[TopicPartition, int]]:
        """Offsets from which a restarted process must read to have late predictions again."""
        yield from (
            window.paired.first_offsets for window in self._windows if window.paired is not None
        )

    def _comparisons(self, window: LabelledWindow) -> list[ShadowComparison]:
        if window.paired is None:
            return []
        bounds = window.start, window.end
        return list(window.paired.comparisons(self._model, bounds, window.actual))
