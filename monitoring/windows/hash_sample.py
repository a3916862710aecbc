"""What an open window keeps of its records: id columns, and a uniform sample of events. Pure.

Both are bounded by keeping the ids with the smallest hashes. Every id has the same chance,
whatever the order of arrival; customer and prediction of an id are kept together; and a second
reading of the same records keeps the same ids. A reservoir has only the first property.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from monitoring.windows.batch import Hashes, Integers, PackedCodes

E = TypeVar("E")

MAX_HASH: Final = np.uint64(2**64 - 1)


class HashSample(Generic[E]):
    """The `size` events with the smallest id hashes. Of several with one id, the first to come."""

    def __init__(self, size: int, events: Mapping[int, E] | None = None) -> None:
        """Starts from the events of an earlier sample, by hash."""
        self._size = size
        self._events: dict[int, E] = dict(events or {})
        self._limit = MAX_HASH

    def add_events(self, ids: Hashes, events: Sequence[E], indices: Integers) -> None:
        """Adds those of `events[indices]`, whose hashes are `ids`, shape (n,), that belong here."""
        small = np.flatnonzero(ids <= self._limit)
        for id_hash, index in zip(ids[small].tolist(), indices[small].tolist(), strict=True):
            self._events.setdefault(id_hash, events[index])
        self._trim()

    def merge(self, other: "HashSample[E]") -> None:
        """Adds the events of another sample of the same size; this one's come first."""
        self._events = {**other._events, **self._events}
        self._limit = min(self._limit, other._limit)
        self._trim()

    def __len__(self) -> int:
        return min(len(self._events), self._size)

    def events_by_hash(self) -> dict[int, E]:
        """The sample, in ascending order of the hashes."""
        return {id_hash: self._events[id_hash] for id_hash in sorted(self._events)[: self._size]}

    def _trim(self) -> None:
        if len(self._events) > 2 * self._size:
            self._events = self.events_by_hash()
            self._limit = np.uint64(max(self._events))


class IdColumn:
    """Hashed ids in order of arrival, each with a code."""

    def __init__(self) -> None:
        self._ids: list[Hashes] = []
        self._codes: list[PackedCodes] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add_ids(self, ids: Hashes, codes: PackedCodes) -> None:
        """Appends ids and their codes, shape (n,) each."""
        self._ids.append(ids)
        self._codes.append(codes)
        self._length += len(ids)

    def merge(self, other: "IdColumn", translation: PackedCodes | None = None) -> None:
        """Appends another column, its codes translated by a table of shape (65536,)."""
        for ids, codes in zip(other._ids, other._codes, strict=True):
            self.add_ids(ids, codes if translation is None else translation[codes])

    def drop_above(self, limit: np.uint64) -> None:
        """Drops the ids whose hash is above the limit."""
        for number, ids in enumerate(self._ids):
            kept = ids <= limit
            self._ids[number], self._codes[number] = ids[kept], self._codes[number][kept]
        self._length = sum(map(len, self._ids))

    def to_arrays(self) -> tuple[Hashes, PackedCodes]:
        """All ids and their codes, in order of arrival."""
        if not self._ids:
            return np.empty(0, np.uint64), np.empty(0, np.uint16)
        return np.concatenate(self._ids), np.concatenate(self._codes)

    def distinct_ids(self) -> tuple[Hashes, PackedCodes]:
        """Each id once, ascending, and the code with which it came first."""
        ids, codes = self.to_arrays()
        distinct, first = np.unique(ids, return_index=True)
        return distinct, codes[first]
