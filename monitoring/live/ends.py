"""How far customers and the scorer have come, from the broker. Owns the admin client for that."""

import time
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]
from msgspec import Struct

from contract import kafka
from contract.settings import Settings

LOOK_AGAIN: Final = 30.0
"""Seconds between two looks at which partitions there are."""

PATIENCE: Final = 3.0
"""Seconds for an answer."""


class Ends(Struct, frozen=True):
    """Offsets summed over the partitions of `customers`, at a time (seconds of a steady clock).

    Attributes:
        written: the ends of the partitions.
        answered: the scorer's offsets: each record before them has its prediction or dead letter.
        lag: records between the two; None where the scorer's group has read nothing yet.
    """

    at: float
    written: int
    answered: int
    lag: int | None


class Broker:
    """Asks the broker. Used by one thread."""

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._admin = kafka.admin(settings)
        self._partitions: list[TopicPartition] = []
        self._look_at = 0.0

    def ends(self) -> Ends:
        """Where they are now. Raises `KafkaException`."""
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
        lag = sum(max(0, written[number] - answered.get(number, 0)) for number in written)
        return Ends(at, sum(written.values()), sum(answered.values()), lag if answered else None)

    def _look(self) -> None:
        known = self._admin.list_topics(self._topic, timeout=PATIENCE).topics[self._topic]
        if known.error is not None:
            raise KafkaException(known.error)
        self._partitions = [TopicPartition(self._topic, number) for number in known.partitions]
        self._look_at = time.monotonic() + LOOK_AGAIN
