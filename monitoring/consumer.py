"""`customers`, `predictions` and `outcomes` -> messages in batches. Owns the Kafka consumer."""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from contract import kafka
from contract.errors import TopicUnavailable, WorkerFailed
from contract.topics import Topic
from monitoring.settings import MonitoringSettings
from monitoring.window import Place

log = logging.getLogger(__name__)

MOST: Final = 10_000


class StreamConsumer:
    """Reads the topics, and knows which partitions are read to their end."""

    def __init__(self, settings: MonitoringSettings, topics: Iterable[Topic]) -> None:
        self._consumer: Consumer = kafka.consumer(
            settings, settings.monitoring_group, enable_partition_eof=True
        )
        self._at_end: set[Place] = set()
        self._next: dict[Place, int] = {}
        self._consumer.subscribe([topic.name for topic in topics])

    def take(self, seconds: float) -> list[Message]:
        """Records that are there, waiting at most `seconds` for a first one.

        Raises `TopicUnavailable` when a topic is gone, `WorkerFailed` on a fatal client error.
        """
        messages = self._consumer.consume(1, seconds)
        if messages:
            messages += self._consumer.consume(MOST - 1, 0)
        records = [message for message in messages if self._is_record(message)]
        for message in records:
            place, offset = where(message)
            self._next[place] = offset + 1
        return records

    def behind(self) -> set[Place]:
        """The assigned partitions that have records to read."""
        return self._places() - self._at_end

    def lag(self) -> dict[Place, int]:
        """Records to read, by partition. A transaction's end counts as one until it is read."""
        lag = {}
        for place in self._places():
            _, high = self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            left = max(0, high - self._next.get(place, high))
            lag[place] = 0 if place in self._at_end else left
        return lag

    def commit(self, first_needed: Mapping[Place, int]) -> None:
        """Commits, of each partition, where reading must start again, or where it is now."""
        offsets = [
            TopicPartition(*place, first_needed.get(place, after))
            for place, after in self._next.items()
            if place in self._places()
        ]
        if offsets:
            self._consumer.commit(offsets=offsets, asynchronous=True)

    def close(self) -> None:
        """Leaves the group at once."""
        self._consumer.close()

    def _places(self) -> set[Place]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def _is_record(self, message: Message) -> bool:
        place, _ = where(message)
        error = message.error()
        if error is None:
            self._at_end.discard(place)
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(place)
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {place[0]} is gone: create it and start again")
        elif error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        else:
            log.warning("kafka consumer: %s", error.str())
        return False


def where(message: Message) -> tuple[Place, int]:
    """A message's topic and partition, and its offset."""
    return (str(message.topic()), int(message.partition() or 0)), int(message.offset() or 0)
