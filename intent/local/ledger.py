"""Is every record of `customers` answered exactly once? The pure part of the audit."""

from collections.abc import Iterable, Mapping

Place = tuple[int, int]
"""Partition and offset of a record in `customers`."""


class Ledger:
    """Records and their answers, each a prediction or a dead letter, noted in any order.

    Places before `first`, the offset by partition from which on records count, are let pass.

    Attributes:
        records: those that must be answered.
        predictions: how many were noted.
        dead_letters: how many were noted.
    """

    def __init__(self, first: Mapping[int, int]) -> None:
        self._first = first
        self._answered: set[Place] = set()
        self._again: set[Place] = set()
        self.records: set[Place] = set()
        self.predictions = 0
        self.dead_letters = 0

    def expect(self, places: Iterable[Place]) -> None:
        """Notes records."""
        self.records.update(self._counting(places))

    def predicted(self, places: Iterable[Place]) -> None:
        """Notes predictions."""
        self.predictions += self._answer(places)

    def dead_lettered(self, places: Iterable[Place]) -> None:
        """Notes dead letters."""
        self.dead_letters += self._answer(places)

    @property
    def missing(self) -> list[Place]:
        """Records without an answer."""
        return sorted(self.records - self._answered)

    @property
    def doubled(self) -> list[Place]:
        """Records with more than one answer."""
        return sorted(self.records & self._again)

    def fault(self) -> str:
        """What is wrong, in words; empty if each record has exactly one answer."""
        faults = {"without an answer": self.missing, "answered more than once": self.doubled}
        return "; ".join(
            f"{len(places)} of {len(self.records)} records are {what} "
            f"(the first: partition {places[0][0]}, offset {places[0][1]})"
            for what, places in faults.items()
            if places
        )

    def _counting(self, places: Iterable[Place]) -> list[Place]:
        return [place for place in places if place[1] >= self._first.get(place[0], 0)]

    def _answer(self, places: Iterable[Place]) -> int:
        counting = self._counting(places)
        for place in counting:
            (self._again if place in self._answered else self._answered).add(place)
        return len(counting)
