"""Predictions -> how long after its event each was made, by the second. Pure."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from contract.events import Prediction

MOST_OF_A_SECOND: Final = 2_000


class Delay(Struct, frozen=True):
    """Milliseconds from event to prediction, in the predictions of one second."""

    p50: float
    p99: float


class Delays:
    """The latest seconds' delays. Written by one thread, read by others."""

    def __init__(self, seconds: int) -> None:
        """So many seconds are kept."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._by_second: dict[int, list[int]] = {}

    def add(self, predictions: Sequence[Prediction]) -> None:
        """These predictions came. An event of the future counts as one of now."""
        with self._lock:
            for each in predictions:
                second = self._by_second.setdefault(each.scored_at // 1000, [])
                if len(second) < MOST_OF_A_SECOND:
                    second.append(max(0, each.scored_at - each.event_time))
            for old in sorted(self._by_second)[: -self._seconds]:
                del self._by_second[old]

    def of(self, second: int) -> Delay | None:
        """Those of the predictions made in that second since the epoch; None if there were none."""
        with self._lock:
            found = self._by_second.get(second)
            if not found:
                return None
            p50, p99 = np.percentile(found, [50, 99])
        return Delay(float(p50), float(p99))
