"""How old the oldest unfinished work of a worker is. Pure; written by one thread, read by any."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from contract.starvation import Starvation

IDLE: Final = 5.0
"""Seconds without a record after which batches that had to be read again are another worker's."""


class Progress:
    """Tells a stuck worker from an idle one.

    Work is unfinished from the take of a batch to its commit: a batch that is aborted and read
    again keeps its age. A turn of the loop that takes batches is work too, so that a blocked loop
    shows even where no batch is in hand. So are the records of a partition that the broker has and
    the client does not deliver: a worker is idle without records to read, not without a batch.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = clock()
        self._batches: tuple[float, ...] = ()
        self._again: float | None = None
        self._empty: float | None = None
        self._starvation: Starvation[int] = Starvation()

    def turn(self) -> None:
        """The loop begins a turn."""
        self._turn = self._clock()

    def has_records(self, partitions: Iterable[int]) -> None:
        """Sets the assigned partitions that have records which were not taken yet."""
        self._starvation.has_records(partitions)

    def taken(self, partitions: Iterable[int], full: bool) -> None:
        """A batch with records of these partitions was taken; `full`: more were queued."""
        self._empty = None
        self._batches = (*self._batches, self._clock())
        self._starvation.delivered(partitions)
        if not full:
            self._starvation.drained(self._clock())

    def nothing_there(self) -> None:
        """There was no record to take."""
        now = self._clock()
        self._starvation.drained(now)
        self._empty = now if self._empty is None else self._empty
        if now - self._empty >= IDLE:
            self._again = None

    def committed(self) -> None:
        """The oldest batch is finished."""
        self._batches = self._batches[1:]
        self._again = None

    def rewound(self) -> None:
        """All batches in hand will be read again."""
        self._again = self._oldest()
        self._batches = ()

    @property
    def seconds(self) -> float:
        """Age of the oldest unfinished work."""
        return max(self._unfinished(), self._starved()[1])

    def describe(self) -> str:
        """What is unfinished, and for how long."""
        partition, starved = self._starved()
        if starved > self._unfinished():
            return (
                f"partition {partition} has records to read and none was taken for {starved:.0f} s"
            )
        return f"no batch was finished for {self._unfinished():.0f} s"

    def _unfinished(self) -> float:
        oldest = self._oldest()
        return self._clock() - (self._turn if oldest is None else min(oldest, self._turn))

    def _starved(self) -> tuple[int | None, float]:
        longest = self._starvation.longest
        return (None, 0.0) if longest is None else (longest[0], self._clock() - longest[1])

    def _oldest(self) -> float | None:
        return min((*self._batches, self._again), default=None, key=_last_if_none)


def _last_if_none(at: float | None) -> float:
    return float("inf") if at is None else at
