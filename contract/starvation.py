"""Detects partitions that have records but deliver none. Pure: the time is an argument.

A partition starves from the moment at which the client has nothing queued (`record_drained`) while
the broker has records of that partition (`set_partitions_with_records`), until one of them arrives.
While messages are still queued, a partition only waits for its turn, however slow the model is.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


class PartitionStarvation(Generic[P]):
    """Distinguishes a consumer that has stopped fetching from one that is idle or busy."""

    def __init__(self) -> None:
        self._with_records: frozenset[P] = frozenset()
        self._starving_since: dict[P, float] = {}
        self._longest: tuple[P, float] | None = None

    def set_partitions_with_records(self, partitions: Iterable[P]) -> None:
        """Sets the partitions of which the broker has records that were not delivered yet."""
        self._with_records = frozenset(partitions)
        self._end_starvation_of_others()

    def record_delivery(self, partitions: Iterable[P]) -> None:
        """Records of these partitions arrived.

        They count as read to the end until the next `set_partitions_with_records`.
        """
        self._with_records = self._with_records.difference(partitions)
        self._end_starvation_of_others()

    def record_drained(self, now: float) -> None:
        """The client delivered everything that it had queued. `now` is in seconds."""
        for partition in self._with_records - self._starving_since.keys():
            self._starving_since[partition] = now
        self._update_longest()

    @property
    def longest(self) -> tuple[P, float] | None:
        """The partition that has starved longest, and since when. Safe to read in any thread."""
        return self._longest

    def _end_starvation_of_others(self) -> None:
        if self._starving_since:
            self._starving_since = {
                partition: since
                for partition, since in self._starving_since.items()
                if partition in self._with_records
            }
            self._update_longest()

    def _update_longest(self) -> None:
        self._longest = min(self._starving_since.items(), key=lambda item: item[1], default=None)
