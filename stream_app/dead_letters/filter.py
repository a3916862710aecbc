"""Selects dead letters and counts them by reason. Pure."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from contract.events import DeadLetter

RecordPosition = tuple[int, int]
"""Partition and offset of the original record, as its dead letter states them."""


@dataclass(frozen=True)
class StoredDeadLetter:
    """A dead letter with its own position on the dead-letter topic.

    Attributes:
        dead_letter: The dead letter.
        partition: Its partition.
        offset: Its offset.
        timestamp: Its Kafka timestamp, ms since the epoch.
        redriven: Whether its record was produced again.
    """

    dead_letter: DeadLetter
    partition: int
    offset: int
    timestamp: int
    redriven: bool


@dataclass(frozen=True)
class DeadLetterFilter:
    """Matches dead letters with any of the reasons and any of the positions; empty matches all."""

    reasons: Set[str] = frozenset()
    positions: Set[RecordPosition] = frozenset()

    def matches(self, dead_letter: DeadLetter) -> bool:
        """Whether the dead letter has one of the reasons and one of the positions."""
        position = (dead_letter.partition, dead_letter.offset)
        return (not self.reasons or dead_letter.reason in self.reasons) and (
            not self.positions or position in self.positions
        )


@dataclass
class ReasonCount:
    """Dead letters with one reason.

    Attributes:
        reason: The reason.
        count: Number of dead letters.
        redriven: How many of them were redriven.
        oldest_timestamp: Of their records, ms since the epoch.
        newest_timestamp: Of their records, ms since the epoch.
    """

    reason: str
    count: int
    redriven: int
    oldest_timestamp: int
    newest_timestamp: int


def count_by_reason(dead_letters: Iterable[StoredDeadLetter]) -> list[ReasonCount]:
    """Counts dead letters by reason, the most frequent first."""
    by_reason: dict[str, ReasonCount] = {}
    for stored in dead_letters:
        reason, timestamp = stored.dead_letter.reason, stored.dead_letter.timestamp
        counted = by_reason.setdefault(reason, ReasonCount(reason, 0, 0, timestamp, timestamp))
        counted.count += 1
        counted.redriven += stored.redriven
        counted.oldest_timestamp = min(counted.oldest_timestamp, timestamp)
        counted.newest_timestamp = max(counted.newest_timestamp, timestamp)
    return sorted(by_reason.values(), key=lambda counted: (-counted.count, counted.reason))
