"""Which dead letters are meant, and how many there are of a kind. Pure."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from contract.events import DeadLetter

Place = tuple[int, int]
"""Partition and offset of a record in its own topic, as its dead letter tells them."""


@dataclass(frozen=True)
class Found:
    """A dead letter, and where it stands itself."""

    letter: DeadLetter
    partition: int
    offset: int
    timestamp: int
    redriven: bool


@dataclass(frozen=True)
class Selection:
    """Dead letters of any of the reasons and of any of the places; where one is empty, of all."""

    reasons: Set[str] = frozenset()
    places: Set[Place] = frozenset()

    def has(self, letter: DeadLetter) -> bool:
        """Whether this one is meant."""
        place = (letter.partition, letter.offset)
        return (not self.reasons or letter.reason in self.reasons) and (
            not self.places or place in self.places
        )


@dataclass
class Count:
    """Dead letters of one reason; `oldest` and `newest` are times of their records in ms."""

    reason: str
    letters: int
    redriven: int
    oldest: int
    newest: int


def counts(found: Iterable[Found]) -> list[Count]:
    """By reason, the most frequent first."""
    by_reason: dict[str, Count] = {}
    for each in found:
        at = each.letter.timestamp
        count = by_reason.setdefault(each.letter.reason, Count(each.letter.reason, 0, 0, at, at))
        count.letters += 1
        count.redriven += each.redriven
        count.oldest = min(count.oldest, at)
        count.newest = max(count.newest, at)
    return sorted(by_reason.values(), key=lambda count: (-count.letters, count.reason))
