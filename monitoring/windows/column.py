"""The ids of a window, one topic's: columns that only grow, or are thinned. Pure."""

import numpy as np

from monitoring.windows.batch import Bits, Hashes


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
