"""How old the oldest unfinished work of a worker is. Pure; written by one thread, read by any."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from contract.starvation import PartitionStarvation

IDLE: Final = 5.0
"""Seconds without a record after which batches that had to be read again are another worker's."""


class Progress:
    """Tells a stuck worker from an idle one.

    Work is unfinished from the take of a batch to its commit: a batch that is aborted and read
    again keeps its age. A turn of the loop that takes batches is work too, so that a blocked loop
    shows even where no batch is in hand. So are the records of a partition that the broker has and
    the client does not deliver: a worker is idle without records to read, not without a batch.
    Nor is it idle where its group has assigned it nothing, not even no partitions, for longer than
    a rebalance takes.

    Args:
        clock: returns the time in seconds.
        rebalance: seconds that a rebalance may take.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, rebalance: float = 0.0) -> None:
        self._clock = clock
        self._rebalance = rebalance
        self._turn = clock()
        self._unassigned: float | None = None
        self._batches: tuple[float, ...] = ()
        self._again: float | None = None
        self._empty: float | None = None
        self._starvation: PartitionStarvation[int] = PartitionStarvation()

    def turn(self) -> None:
        """The loop begins a turn."""
        self._turn = self._clock()

    def assigned(self, assigned: bool) -> None:
        """Sets whether the group has assigned this worker its share, which may be no partition."""
        if assigned:
            self._unassigned = None
        elif self._unassigned is None:
            self._unassigned = self._clock()

    def has_records(self, partitions: Iterable[int]) -> None:
        """Sets the assigned partitions that have records which were not taken yet."""
        self._starvation.set_partitions_with_records(partitions)

    def taken(self, partitions: Iterable[int], full: bool) -> None:
        """A batch with records of these partitions was taken; `full`: more were queued."""
        self._empty = None
        self._batches = (*self._batches, self._clock())
        self._starvation.record_delivery(partitions)
        if not full:
            self._starvation.record_drained(self._clock())

    def nothing_there(self) -> None:
        """There was no record to take."""
        now = self._clock()
        self._starvation.record_drained(now)
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
        return max(self._unfinished(), self._starved()[1], self._waited())

    def describe(self) -> str:
        """What is unfinished, and for how long."""
        unfinished, waited = self._unfinished(), self._waited()
        partition, starved = self._starved()
        if waited > max(unfinished, starved):
            return (
                "the consumer group has assigned no partitions to this worker for "
                f"{waited + self._rebalance:.0f} s"
            )
        if starved > unfinished:
            return (
                f"partition {partition} has records to read and none was taken for {starved:.0f} s"
            )
        return f"no batch was finished for {unfinished:.0f} s"

    def _waited(self) -> float:
        """How much longer than a rebalance may take this worker has waited for its assignment."""
        since = self._unassigned  # read once: another thread may set it
        return 0.0 if since is None else max(0.0, self._clock() - since - self._rebalance)

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
