"""Age of a worker's oldest pending work. Pure; updated by one thread, read by any thread."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from contract.starvation import PartitionStarvation

HOLD_SECONDS: Final = 30.0
"""Seconds for which a batch that was held back counts as waiting. It is read again before that."""

IDLE_SECONDS: Final = 5.0
"""Seconds without a record after which another worker is assumed to have rewound batches."""


class Progress:
    """Distinguishes a stuck worker from an idle one.

    Work is pending in these cases:

    - A batch was read and is not committed. A batch that is aborted and read again keeps its age.
    - An iteration of the loop that reads batches has not ended, so that a blocked event loop is
      detected even without a batch.
    - A partition has records that the client does not deliver. A worker is idle when it has no
      records to read, not when it has no batch.
    - The group has not assigned this worker its share, which may be no partition, for longer than a
      rebalance takes.

    Nothing is pending while a batch waits for something outside Kafka, which a restart would not
    bring back.

    Args:
        max_rebalance_seconds: Maximum duration of a rebalance.
        clock: Returns the time in seconds.
    """

    def __init__(
        self, max_rebalance_seconds: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_rebalance_seconds = max_rebalance_seconds
        self._clock = clock
        self._iteration_at = clock()
        self._unassigned_since: float | None = None
        self._batches_read_at: tuple[float, ...] = ()
        self._rewound_since: float | None = None
        self._empty_since: float | None = None
        self._starvation: PartitionStarvation[int] = PartitionStarvation()
        self._held: tuple[str, float] | None = None

    def start_iteration(self) -> None:
        """The loop that reads batches begins an iteration."""
        self._iteration_at = self._clock()

    def set_assigned(self, assigned: bool) -> None:
        """Sets whether the group has assigned this worker its share, which may be no partition."""
        if assigned:
            self._unassigned_since = None
        elif self._unassigned_since is None:
            self._unassigned_since = self._clock()

    def set_partitions_with_records(self, partitions: Iterable[int]) -> None:
        """Sets the assigned partitions that have unread records."""
        self._starvation.set_partitions_with_records(partitions)

    def add_batch(self, partitions: Iterable[int], *, full: bool) -> None:
        """A batch with records of these partitions was read; `full` if more may be queued."""
        self._empty_since = self._held = None
        self._batches_read_at = (*self._batches_read_at, self._clock())
        self._starvation.record_delivery(partitions)
        if not full:
            self._starvation.record_drained(self._clock())

    def hold_batch(self, partitions: Iterable[int], reason: str) -> None:
        """A batch with records of these partitions was read and will be read again: it waits."""
        self._starvation.record_delivery(partitions)
        self._held = reason, self._clock()

    def add_empty_poll(self) -> None:
        """There was no record to read."""
        now = self._clock()
        self._starvation.record_drained(now)
        self._empty_since = now if self._empty_since is None else self._empty_since
        if now - self._empty_since >= IDLE_SECONDS:
            self._rewound_since = None

    def remove_committed_batch(self) -> None:
        """The oldest batch was committed."""
        self._batches_read_at = self._batches_read_at[1:]
        self._rewound_since = None

    def rewind_batches(self) -> None:
        """All pending batches will be read again."""
        self._rewound_since = self._oldest_batch_at()
        self._batches_read_at = ()

    @property
    def oldest_pending_seconds(self) -> float:
        """Age of the oldest pending work."""
        if self.waits_for:
            return 0.0
        return max(self._unfinished(), self._starved()[1], self._unassigned())

    @property
    def waits_for(self) -> str:
        """Why a batch is held back; empty if none is."""
        held = self._held  # read once: another thread may set it
        return held[0] if held and self._clock() - held[1] < HOLD_SECONDS else ""

    def describe(self) -> str:
        """What is pending, and for how long."""
        unfinished, unassigned = self._unfinished(), self._unassigned()
        partition, starved = self._starved()
        if unassigned > max(unfinished, starved):
            return (
                "the consumer group has not assigned partitions to this worker for "
                f"{unassigned + self._max_rebalance_seconds:.0f} s"
            )
        if starved > unfinished:
            return (
                f"partition {partition} has records to read, and none was delivered for "
                f"{starved:.0f} s"
            )
        return f"no batch was finished for {unfinished:.0f} s"

    def _unassigned(self) -> float:
        """Seconds without an assignment beyond the maximum duration of a rebalance."""
        since = self._unassigned_since  # read once: another thread may set it
        if since is None:
            return 0.0
        return max(0.0, self._clock() - since - self._max_rebalance_seconds)

    def _unfinished(self) -> float:
        oldest = self._oldest_batch_at()
        started = self._iteration_at if oldest is None else min(oldest, self._iteration_at)
        return self._clock() - started

    def _starved(self) -> tuple[int | None, float]:
        longest = self._starvation.longest
        return (None, 0.0) if longest is None else (longest[0], self._clock() - longest[1])

    def _oldest_batch_at(self) -> float | None:
        return min((*self._batches_read_at, self._rewound_since), default=None, key=_none_last)


def _none_last(time: float | None) -> float:
    return float("inf") if time is None else time
