"""How far customers and the scorer have come, from the broker. Owns the admin client for that."""

import time
from collections.abc import Mapping
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]
from msgspec import Struct

from contract import kafka
from contract.settings import Settings
from monitoring.windows.position import Position

LOOK_AGAIN: Final = 30.0
"""Seconds between two looks at which partitions there are."""

PATIENCE: Final = 3.0
"""Seconds for an answer."""


class Ends(Struct, frozen=True):
    """Records of `customers`, over its partitions, at a time (seconds of a steady clock).

    Attributes:
        written: how many came since the first look.
        answered: how many got their prediction or dead letter since then.
        lag: how many wait for one; None where the scorer's group has read nothing yet.
    """

    at: float
    written: float
    answered: float
    lag: int | None


class _Advance:
    """Offsets that move on, by partition, as records."""

    def __init__(self) -> None:
        self.records = 0.0
        self._offsets: dict[int, int] = {}

    def to(self, offsets: Mapping[int, int], positions: Mapping[int, Position]) -> None:
        """They are here now."""
        for number, offset in offsets.items():
            moved = max(0, offset - self._offsets.get(number, offset))
            self.records += moved * positions.get(number, Position()).share
            self._offsets[number] = offset


class Broker:
    """Asks the broker. Used by one thread."""

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._admin = kafka.admin(settings)
        self._partitions: list[TopicPartition] = []
        self._look_at = 0.0
        self._written = _Advance()
        self._answered = _Advance()

    def ends(self, positions: Mapping[int, Position]) -> Ends:
        """Where they are now; `positions` are ours, by partition. Raises `KafkaException`."""
        if time.monotonic() >= self._look_at:
            self._look()
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = self._admin.list_offsets(
            dict.fromkeys(self._partitions, latest), request_timeout=PATIENCE
        )
        group = ConsumerGroupTopicPartitions(self._group, list(self._partitions))
        (read,) = self._admin.list_consumer_group_offsets(
            [group], request_timeout=PATIENCE
        ).values()
        at = time.monotonic()
        written = {place.partition: future.result().offset for place, future in asked.items()}
        offsets = {each.partition: each.offset for each in read.result().topic_partitions}
        answered = {number: offset for number, offset in offsets.items() if offset >= 0}
        self._written.to(written, positions)
        self._answered.to(answered, positions)
        lag = sum(
            positions.get(number, Position()).count(answered.get(number, 0), end)
            for number, end in written.items()
        )
        records = self._written.records, self._answered.records
        return Ends(at, *records, lag if answered else None)

    def _look(self) -> None:
        known = self._admin.list_topics(self._topic, timeout=PATIENCE).topics[self._topic]
        if known.error is not None:
            raise KafkaException(known.error)
        self._partitions = [TopicPartition(self._topic, number) for number in known.partitions]
        self._look_at = time.monotonic() + LOOK_AGAIN
