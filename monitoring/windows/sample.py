"""A uniform sample of a window's events, bounded in size. Pure.

The sample is the events whose ids have the smallest hashes. So each id has the same chance,
whatever the order of arrival; the customer and the prediction of one id are in their samples
together; and a second reading of the same records gives the same sample. A reservoir has only the
first of these.
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from monitoring.windows.batch import Hashes, Integers

E = TypeVar("E")

ALL: Final = np.uint64(2**64 - 1)


class Sample(Generic[E]):
    """The `size` events with the smallest hashes; of one id, the event that came first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._events: dict[int, E] = {}
        self._limit = ALL

    def offer(self, ids: Hashes, events: Sequence[E], chosen: Integers) -> None:
        """Takes what belongs in the sample of `events[chosen]`, whose hashes are `ids`, (n,)."""
        small = np.flatnonzero(ids <= self._limit)
        for name, index in zip(ids[small].tolist(), chosen[small].tolist(), strict=True):
            self._events.setdefault(name, events[index])
        self._trim()

    def absorb(self, other: "Sample[E]") -> None:
        """Takes what belongs in the sample of another sample of the same size."""
        self._events = {**other._events, **self._events}
        self._limit = min(self._limit, other._limit)
        self._trim()

    def __len__(self) -> int:
        return min(len(self._events), self._size)

    def smallest(self) -> dict[int, E]:
        """The sample, by hash in ascending order."""
        return {name: self._events[name] for name in sorted(self._events)[: self._size]}

    def _trim(self) -> None:
        if len(self._events) > 2 * self._size:
            self._events = self.smallest()
            self._limit = np.uint64(max(self._events))
