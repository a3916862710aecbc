"""Whether every record of `customers` has exactly one result. Pure part of the delivery check."""

from collections.abc import Iterable, Mapping

Position = tuple[int, int]
"""Partition and offset of a record in `customers`."""


class DeliveryCounts:
    """Records and their results (predictions and dead letters), added in any order.

    Args:
        start_offsets: First offset that counts, by partition; earlier records are ignored.

    Attributes:
        records: Positions of the records that need a result.
        tombstones: Positions of the null values that must have none.
        predictions: Number of predictions.
        dead_letters: Number of dead letters.
    """

    def __init__(self, start_offsets: Mapping[int, int]) -> None:
        self._start_offsets = start_offsets
        self._with_result: set[Position] = set()
        self._repeated: set[Position] = set()
        self.records: set[Position] = set()
        self.tombstones: set[Position] = set()
        self.predictions = 0
        self.dead_letters = 0

    def add_records(self, positions: Iterable[Position]) -> None:
        """Adds records."""
        self.records.update(self._from_start(positions))

    def add_tombstones(self, positions: Iterable[Position]) -> None:
        """Adds null values that the scorer skips."""
        self.tombstones.update(self._from_start(positions))

    def add_predictions(self, positions: Iterable[Position]) -> None:
        """Adds predictions by the position of their record."""
        self.predictions += self._add_results(positions)

    def add_dead_letters(self, positions: Iterable[Position]) -> None:
        """Adds dead letters by the position of their record."""
        self.dead_letters += self._add_results(positions)

    @property
    def missing(self) -> list[Position]:
        """Records without a result."""
        return sorted(self.records - self._with_result)

    @property
    def duplicated(self) -> list[Position]:
        """Records with more than one result."""
        return sorted(self.records & self._repeated)

    @property
    def unexpected(self) -> list[Position]:
        """Tombstones with a result."""
        return sorted(self.tombstones & self._with_result)

    def describe_faults(self) -> str:
        """Wrong results in words; empty if each record has exactly one and a tombstone none."""
        faults = {
            "without a result": self.missing,
            "with more than one result": self.duplicated,
            "tombstones with a result": self.unexpected,
        }
        return "; ".join(
            f"{len(positions)} of {len(self.records) + len(self.tombstones)} records are {fault} "
            f"(the first: partition {positions[0][0]}, offset {positions[0][1]})"
            for fault, positions in faults.items()
            if positions
        )

    def _from_start(self, positions: Iterable[Position]) -> list[Position]:
        return [
            (partition, offset)
            for partition, offset in positions
            if offset >= self._start_offsets.get(partition, 0)
        ]

    def _add_results(self, positions: Iterable[Position]) -> int:
        counted = self._from_start(positions)
        for position in counted:
            (self._repeated if position in self._with_result else self._with_result).add(position)
        return len(counted)
