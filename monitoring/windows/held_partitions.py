"""Partitions held back by an open transaction, and how windows wait for them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from monitoring.windows.batch import TopicPartition

SETTLE_TIME: Final = 5.0
"""Seconds for which windows still wait after a transaction that was open for at least as long. The
scorer could not read its records before either: their predictions arrive within this time."""


@dataclass(frozen=True, slots=True)
class _Hold:
    """A transaction: where it holds the partition back, the partition's watermark, and the time."""

    offset: int
    watermark: float
    since: float


class HeldPartitions:
    """Decides which held partitions windows wait for. Times are seconds of one monotonic clock.

    Attributes:
        watermark: Event time (ms) that the watermark must not pass; infinite if nothing is awaited.
        is_waiting: Whether windows wait for a transaction that has been open for `SETTLE_TIME`.
        missing: Partitions that were awaited for too long: windows close without their records.
    """

    def __init__(self, timeout: float) -> None:
        """`timeout` is how long each transaction is awaited, in seconds."""
        self._timeout = timeout
        self._open: dict[TopicPartition, _Hold] = {}
        self._ended: dict[TopicPartition, _Hold] = {}
        """By partition, the transaction that ended last; `since` its end."""
        self.watermark = float("inf")
        self.is_waiting = False
        self.missing: frozenset[TopicPartition] = frozenset()

    def update(
        self,
        held: Mapping[TopicPartition, int],
        watermarks: Mapping[TopicPartition, float],
        now: float,
    ) -> None:
        """Notes which partitions are held back now.

        Args:
            held: By partition, the offset at which reading waits. Another offset is another
                transaction.
            watermarks: The watermark (ms) of each of these partitions alone.
            now: The time.
        """
        before = self._open
        self._open = {
            partition: hold
            if (hold := before.get(partition)) and hold.offset == offset
            else _Hold(offset, watermarks[partition], now)
            for partition, offset in held.items()
        }
        for partition, hold in before.items():
            if held.get(partition) != hold.offset and self._is_awaited_for_long(hold, now):
                self._ended[partition] = _Hold(hold.offset, hold.watermark, now)
        self._ended = {
            partition: hold
            for partition, hold in self._ended.items()
            if now - hold.since < SETTLE_TIME
        }
        self.missing = frozenset(
            partition for partition, hold in self._open.items() if now - hold.since >= self._timeout
        )
        awaited = [hold for each, hold in self._open.items() if each not in self.missing]
        settling = list(self._ended.values())
        self.watermark = min((hold.watermark for hold in awaited + settling), default=float("inf"))
        self.is_waiting = bool(settling) or any(
            self._is_awaited_for_long(hold, now) for hold in awaited
        )

    def _is_awaited_for_long(self, hold: _Hold, now: float) -> bool:
        return SETTLE_TIME <= now - hold.since < self._timeout
