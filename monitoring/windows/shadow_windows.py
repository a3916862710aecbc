"""Closed windows, and what is known of the champion beside the model in its shadow. Pure."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Final

from contract.events import Prediction, ShadowComparison
from monitoring.windows.batch import Batch, Place
from monitoring.windows.labelled_window import Labels
from monitoring.windows.tumbling import LATE, Results

JOINED: Final = "joined"


class Shadows:
    """The latest closed windows. Shadow predictions that lag behind their window still count."""

    def __init__(self, model: str, kept: int, restored: Iterable[Labels] = ()) -> None:
        """`restored` are the windows of an earlier process, the oldest first."""
        self._model = model
        self._windows: deque[Labels] = deque(restored, kept)
        self._told: dict[int, tuple[int, int]] = {}

    def add(self, window: Labels) -> None:
        """Takes a window that has closed."""
        self._windows.append(window)
        kept = {each.start for each in self._windows}
        self._told = {start: told for start, told in self._told.items() if start in kept}

    def late(self, batch: Batch[Prediction]) -> Results:
        """Takes shadow predictions for closed windows; returns what became of them."""
        joined = 0
        for window in self._windows:
            if window.paired is not None:
                mine = (batch.times >= window.start) & (batch.times < window.end)
                joined += window.paired.take(batch.where(mine)) if mine.any() else 0
        return Counter({JOINED: joined, LATE: len(batch) - joined})

    def news(self) -> list[ShadowComparison]:
        """The comparisons of the windows of which more is known than when this was last asked."""
        found = []
        for window in self._windows:
            if window.paired is None or not (rows := window.paired.rows):
                continue
            now = rows, window.known
            if self._told.get(window.start, (0, 0)) != now:
                self._told[window.start] = now
                found += self._comparisons(window)
        return found

    def again(self, start: int) -> None:
        """What was told of the window that starts then (ms) is to be told once more."""
        self._told.pop(start, None)

    def known(self) -> list[ShadowComparison]:
        """The comparisons of all windows, the oldest first."""
        return [each for window in self._windows for each in self._comparisons(window)]

    def first_offsets(self) -> Iterator[dict[Place, int]]:
        """Where reading must start again to have what came late again."""
        yield from (each.paired.first for each in self._windows if each.paired is not None)

    def _comparisons(self, window: Labels) -> list[ShadowComparison]:
        if window.paired is None:
            return []
        bounds = window.start, window.end
        return list(window.paired.comparisons(self._model, bounds, window.actual))
