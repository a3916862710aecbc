"""Column arrays that one poll of a partition becomes, before windows take them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from contract.errors import DeadLetterReason

E_co = TypeVar("E_co", covariant=True)

TopicPartition: TypeAlias = "tuple[str, int]"
"""Topic and partition number."""

Hashes: TypeAlias = NDArray[np.uint64]
Integers: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.uint8]
"""Class codes."""

Floats: TypeAlias = NDArray[np.float64]

Labels: TypeAlias = NDArray[Any]
"""Outcomes: class codes, or numbers of a numeric target."""

PackedCodes: TypeAlias = NDArray[np.uint16]
"""Class and version codes packed into two bytes (see `VersionCodes`)."""

NO_OUTCOME: Final = 255
"""Stands for the class code of an outcome that has not arrived; NaN for the number of one."""


def no_outcomes(rows: int, numeric: bool) -> Labels:
    """Outcomes that have not arrived, shape (rows,)."""
    return np.full(rows, np.nan) if numeric else np.full(rows, NO_OUTCOME, np.uint8)


def is_known(actual: Labels) -> NDArray[np.bool_]:
    """Which outcomes have arrived, shapes (n,) to (n,)."""
    return ~np.isnan(actual) if actual.dtype == np.float64 else actual != NO_OUTCOME


@dataclass(frozen=True, slots=True)
class MessageBatch:
    """Raw messages of one partition, in offset order. Timestamps are ms since the epoch."""

    partition: TopicPartition
    values: list[bytes | None]
    offsets: list[int]
    timestamps: list[int]


@dataclass(frozen=True, slots=True)
class InvalidMessage:
    """A message that does not match the schema. `time` is its Kafka timestamp, ms."""

    offset: int
    time: int
    reason: DeadLetterReason


@dataclass(frozen=True, slots=True)
class EventBatch(Generic[E_co]):
    """Decoded events of one partition. All columns have shape (n,); times are in ms."""

    partition: TopicPartition
    offsets: Integers
    ids: Hashes
    times: Integers
    events: Sequence[E_co]

    def up_to(self, time: int) -> "EventBatch[E_co]":
        """Selects the events whose event time is at most `time` (ms)."""
        return self.select(self.times <= time)

    def select(self, mask: NDArray[np.bool_]) -> "EventBatch[E_co]":
        """Selects the events where the mask, shape (n,), is true."""
        indices = np.flatnonzero(mask)
        if len(indices) == len(self.times):
            return self
        return EventBatch(
            self.partition,
            self.offsets[indices],
            self.ids[indices],
            self.times[indices],
            [self.events[index] for index in indices.tolist()],
        )

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class OutcomeBatch:
    """Outcomes of one partition, shape (n,) each. `actual` holds class codes, or numbers."""

    partition: TopicPartition
    offsets: Integers
    ids: Hashes
    actual: Labels

    def select(self, mask: NDArray[np.bool_]) -> "OutcomeBatch":
        """Selects the outcomes where the mask, shape (n,), is true."""
        return OutcomeBatch(self.partition, self.offsets[mask], self.ids[mask], self.actual[mask])

    def __len__(self) -> int:
        return len(self.ids)
