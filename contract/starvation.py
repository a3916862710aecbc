"""Since when a partition has had records to read and has delivered none. Pure: time is given."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


class Starvation(Generic[P]):
    """Tells a consumer that has stopped fetching from one that is idle or busy.

    A partition starves from the moment at which the client had nothing more to give (`drained`)
    although the broker has records of that partition (`has_records`), until one of them comes.
    While the client still has messages queued, a partition that does not come is only waiting for
    its turn, however slow the model is.
    """

    def __init__(self) -> None:
        self._behind: frozenset[P] = frozenset()
        self._since: dict[P, float] = {}
        self._longest: tuple[P, float] | None = None

    def has_records(self, behind: Iterable[P]) -> None:
        """Sets the partitions of which the broker has records that were not delivered yet."""
        self._behind = frozenset(behind)
        self._keep(self._behind)

    def delivered(self, partitions: Iterable[P]) -> None:
        """Records of these partitions came. Whether there are more is not known until asked."""
        self._behind = self._behind.difference(partitions)
        self._keep(self._behind)

    def drained(self, now: float) -> None:
        """The client gave all that it had."""
        for partition in self._behind - self._since.keys():
            self._since[partition] = now
        self._find_longest()

    @property
    def longest(self) -> tuple[P, float] | None:
        """The partition that has starved longest, and since when. Safe to read in any thread."""
        return self._longest

    def _keep(self, behind: frozenset[P]) -> None:
        if self._since:
            self._since = {each: at for each, at in self._since.items() if each in behind}
            self._find_longest()

    def _find_longest(self) -> None:
        self._longest = min(self._since.items(), key=lambda each: each[1], default=None)
