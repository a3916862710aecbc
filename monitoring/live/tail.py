"""The latest messages of topics that are read for the page alone. Owns the consumer for that."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Final

from confluent_kafka import Consumer, Message, TopicPartition

from contract import kafka
from contract.settings import Settings
from monitoring.windows.batch import Place

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
LOOK_AGAIN: Final = 10.0
"""Seconds between two looks at which of the topics and partitions there are."""


class Tail:
    """Reads topics from near their ends on, and gives each message away. Used by one thread.

    It commits nothing. Where more comes than it reads, it leaves out what is in between: what the
    page shows are the latest.
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        topics: Collection[str],
        depth: int,
        take: Callable[[Message], None],
    ) -> None:
        """Begins about `depth` messages before the end of each partition."""
        self._topics = topics
        self._depth = depth
        self._take = take
        self._timeout = settings.kafka_timeout
        self._places: set[Place] = set()
        self._look_at = 0.0
        self._consumer: Consumer = kafka.consumer(
            settings, group, queued_min_messages=AT_ONCE, queued_max_messages_kbytes=4_096
        )

    def read(self) -> None:
        """Gives away what is there. Raises `KafkaException`."""
        if time.monotonic() >= self._look_at:
            self._look()
        if not self._places:
            return
        messages = self._consumer.consume(AT_ONCE, 0)
        for message in messages:
            if message.error() is None:
                self._take(message)
            else:
                log.info("kafka consumer of the page: %s", message.error())
        if len(messages) == AT_ONCE:
            self._consumer.assign([self._near_end(place) for place in self._places])

    def close(self) -> None:
        """Leaves the broker."""
        self._consumer.close()

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_AGAIN
        known = self._consumer.list_topics(timeout=self._timeout).topics
        new = {
            (topic, partition)
            for topic in self._topics
            if topic in known
            for partition in known[topic].partitions
        } - self._places
        if new:
            self._consumer.incremental_assign([self._near_end(place) for place in new])
            self._places |= new

    def _near_end(self, place: Place) -> TopicPartition:
        """Transactions leave gaps: twice as far back as messages are wanted."""
        first, end = kafka.extent(self._consumer, *place, self._timeout)
        return TopicPartition(*place, max(first, end - 2 * self._depth))
