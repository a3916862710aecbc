"""Broker's offsets of `customers` and of the scorer's group -> record counts and lag."""

import time
from collections.abc import Mapping
from typing import Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]
from msgspec import Struct

from contract import kafka
from contract.settings import Settings
from monitoring.windows.position import Position

METADATA_INTERVAL: Final = 30.0
"""Seconds between two requests for the topic's partitions."""

REQUEST_TIMEOUT: Final = 3.0


class RecordTotals(Struct, frozen=True):
    """Records of all partitions of `customers`.

    Attributes:
        at: Time of the measurement, seconds of the monotonic clock.
        produced: Records produced since the first measurement.
        scored: Records that got a prediction or dead letter since then.
        lag: Records that are not scored yet; None if the scorer's group has no offsets.
    """

    at: float
    produced: float
    scored: float
    lag: int | None


class _RecordCounter:
    """Counts records by how far the partitions' offsets advance."""

    def __init__(self) -> None:
        self.records = 0.0
        self._offsets: dict[int, int] = {}

    def advance(self, offsets: Mapping[int, int], positions: Mapping[int, Position]) -> None:
        """Adds the records up to these offsets, by partition."""
        for partition, offset in offsets.items():
            advanced = max(0, offset - self._offsets.get(partition, offset))
            self.records += advanced * positions.get(partition, Position()).record_ratio
            self._offsets[partition] = offset


class OffsetReader:
    """Asks the broker for offsets. Owns its admin client; used by one thread."""

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._admin = kafka.create_admin_client(settings)
        self._partitions: list[TopicPartition] = []
        self._refresh_at = 0.0
        self._produced = _RecordCounter()
        self._scored = _RecordCounter()

    def read_totals(self, positions: Mapping[int, Position]) -> RecordTotals:
        """Measures how many records were produced and scored.

        Args:
            positions: Monitoring's own positions, by partition. They say which share of the
                offsets are records and not transaction markers.

        Raises:
            KafkaException: The broker did not answer.
        """
        if time.monotonic() >= self._refresh_at:
            self._refresh_partitions()
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        end_futures = self._admin.list_offsets(
            dict.fromkeys(self._partitions, latest), request_timeout=REQUEST_TIMEOUT
        )
        group = ConsumerGroupTopicPartitions(self._group, list(self._partitions))
        (group_future,) = self._admin.list_consumer_group_offsets(
            [group], request_timeout=REQUEST_TIMEOUT
        ).values()
        at = time.monotonic()
        ends = {key.partition: future.result().offset for key, future in end_futures.items()}
        committed = {
            partition.partition: partition.offset
            for partition in group_future.result().topic_partitions
            if partition.offset >= 0
        }
        self._produced.advance(ends, positions)
        self._scored.advance(committed, positions)
        lag = sum(
            positions.get(partition, Position()).estimate_records(committed.get(partition, 0), end)
            for partition, end in ends.items()
        )
        return RecordTotals(
            at, self._produced.records, self._scored.records, lag if committed else None
        )

    def _refresh_partitions(self) -> None:
        metadata = self._admin.list_topics(self._topic, timeout=REQUEST_TIMEOUT)
        topic = metadata.topics[self._topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        self._partitions = [TopicPartition(self._topic, number) for number in topic.partitions]
        self._refresh_at = time.monotonic() + METADATA_INTERVAL
