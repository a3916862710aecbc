"""The columns that a batch of messages of one partition becomes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract.errors import Reason

E_co = TypeVar("E_co", covariant=True)

Place: TypeAlias = "tuple[str, int]"
"""A topic and a partition."""

Hashes: TypeAlias = NDArray[np.uint64]
Integers: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.uint8]

UNKNOWN: Final = 255
"""In place of the class of an outcome that has not come."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Raw messages of one partition, in its order; timestamps in ms."""

    place: Place
    values: list[bytes | None]
    offsets: list[int]
    timestamps: list[int]


@dataclass(frozen=True, slots=True)
class Invalid:
    """A message that does not fit the contract: its offset, timestamp (ms), and why."""

    offset: int
    time: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Batch(Generic[E_co]):
    """Events with an event time. All columns have shape (n,); times in ms, ids hashed."""

    place: Place
    offsets: Integers
    ids: Hashes
    times: Integers
    events: Sequence[E_co]

    def until(self, time: int) -> "Batch[E_co]":
        """The events that are no later than a time (ms)."""
        return self.where(self.times <= time)

    def where(self, mask: NDArray[np.bool_]) -> "Batch[E_co]":
        """Those that the mask chooses."""
        chosen = np.flatnonzero(mask)
        if len(chosen) == len(self.times):
            return self
        return Batch(
            self.place,
            self.offsets[chosen],
            self.ids[chosen],
            self.times[chosen],
            [self.events[index] for index in chosen.tolist()],
        )

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came, shape (n,) each; `actual` are the places of classes."""

    place: Place
    offsets: Integers
    ids: Hashes
    actual: Bits

    def where(self, mask: NDArray[np.bool_]) -> "Outcomes":
        """Those that the mask chooses."""
        return Outcomes(self.place, self.offsets[mask], self.ids[mask], self.actual[mask])

    def __len__(self) -> int:
        return len(self.ids)
