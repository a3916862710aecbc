"""A uniform sample of a window's events, bounded in size. Pure.

The sample is the events whose ids have the smallest hashes. So each id has the same chance,
whatever the order of arrival; the customer and the prediction of one id are in their samples
together; and a second reading of the same records gives the same sample. A reservoir has only the
first of these.
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from monitoring.windows.batch import Bits, Hashes, Integers

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


class IdColumn:
    """Hashes of ids in the order of arrival, each with a bit."""

    def __init__(self) -> None:
        self._ids: list[Hashes] = []
        self._bits: list[Bits] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, ids: Hashes, bits: Bits) -> None:
        """Takes ids and their bits, shape (n,)."""
        self._ids.append(ids)
        self._bits.append(bits)
        self._length += len(ids)

    def absorb(self, other: "IdColumn", translation: Bits | None = None) -> None:
        """Takes all of another column, its bits translated by a table of shape (256,)."""
        for ids, bits in zip(other._ids, other._bits, strict=True):
            self.add(ids, bits if translation is None else translation[bits])

    def thin(self, limit: np.uint64) -> None:
        """Forgets the ids above the limit."""
        for number, ids in enumerate(self._ids):
            kept = ids <= limit
            self._ids[number], self._bits[number] = ids[kept], self._bits[number][kept]
        self._length = sum(map(len, self._ids))

    def distinct(self) -> tuple[Hashes, Bits]:
        """Each id once, in ascending order, and the bit that came with it first."""
        if not self._ids:
            return np.empty(0, np.uint64), np.empty(0, np.uint8)
        ids, first = np.unique(np.concatenate(self._ids), return_index=True)
        return ids, np.concatenate(self._bits)[first]
