"""Reads the latest dead letters and lifecycle events from their topics, for the live page alone."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Final

from confluent_kafka import Consumer, Message
from confluent_kafka import TopicPartition as KafkaTopicPartition

from contract import kafka
from contract.settings import Settings
from monitoring.windows.batch import TopicPartition

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 500
METADATA_INTERVAL: Final = 10.0
"""Seconds between two requests for the topics' partitions."""


class TopicTail:
    """Reads topics from near their ends. Owns its consumer; used by one thread.

    It commits no offsets. If messages arrive faster than it reads, it skips to the latest ones.
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        topics: Collection[str],
        depth: int,
        on_message: Callable[[Message], None],
    ) -> None:
        """Reading starts about `depth` messages before the end of each partition."""
        self._topics = topics
        self._depth = depth
        self._on_message = on_message
        self._timeout = settings.kafka_timeout
        self._partitions: set[TopicPartition] = set()
        self._refresh_at = 0.0
        self._consumer: Consumer = kafka.create_consumer(
            settings, group, queued_min_messages=BATCH_SIZE, queued_max_messages_kbytes=4_096
        )

    def poll(self) -> None:
        """Passes on the messages that are available. Raises `KafkaException`."""
        if time.monotonic() >= self._refresh_at:
            self._assign_new_partitions()
        if not self._partitions:
            return
        messages = self._consumer.consume(BATCH_SIZE, 0)
        for message in messages:
            if message.error() is None:
                self._on_message(message)
            else:
                log.info("page's consumer reported error=%s", message.error())
        if len(messages) == BATCH_SIZE:
            self._consumer.assign([self._near_end(partition) for partition in self._partitions])

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def _assign_new_partitions(self) -> None:
        self._refresh_at = time.monotonic() + METADATA_INTERVAL
        metadata = self._consumer.list_topics(timeout=self._timeout).topics
        added = {
            (topic, partition)
            for topic in self._topics
            if topic in metadata
            for partition in metadata[topic].partitions
        } - self._partitions
        if added:
            self._consumer.incremental_assign([self._near_end(partition) for partition in added])
            self._partitions |= added

    def _near_end(self, partition: TopicPartition) -> KafkaTopicPartition:
        """Returns twice the depth before the end, since transaction markers have offsets too."""
        first, end = kafka.watermark_offsets(self._consumer, *partition, self._timeout)
        return KafkaTopicPartition(*partition, max(first, end - 2 * self._depth))
