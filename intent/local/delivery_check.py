"""Checks on Kafka that every record of `customers` has exactly one committed result.

A tombstone must have none if the settings say that they are skipped.
"""

import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Final, Self, TypeVar, cast

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from contract import kafka
from contract.codec import decode_dead_letter
from contract.errors import BrokerUnreachable, InvalidRecord, RunIncomplete
from contract.settings import Settings, schema_of
from contract.topics import topics
from intent.local.delivery_counts import DeliveryCounts

log = logging.getLogger(__name__)

E = TypeVar("E")

TopicAndPartition = tuple[str, int]

BATCH_SIZE: Final = 10_000


class DeliveryCheck:
    """Counts records that are published to `customers` from now on, and their results.

    Attributes:
        counts: What has been read so far.
        last_timestamp: Timestamp of the newest record, ms since the epoch.

    Raises:
        BrokerUnreachable: The broker does not return the end offsets of the topics.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # "error": with "earliest" a reset would read results twice and report duplicates.
        self._consumer = kafka.create_consumer(
            settings, "delivery-check", enable_partition_eof=True, auto_offset_reset="error"
        )
        names = topics(settings)
        try:
            self._next_offset = {
                place: kafka.watermark_offsets(self._consumer, *place, settings.kafka_timeout)[1]
                for topic in (names.customers, names.predictions, names.dead_letters)
                for place in self._partitions(topic.name)
            }
        except KafkaException as fault:
            self.close()
            raise BrokerUnreachable(
                f"the broker at {settings.kafka_bootstrap} does not return the end offsets of the "
                f"topics ({fault.args[0].str()}): check that it is running, and start again"
            ) from None
        customers = names.customers.name
        self.counts = DeliveryCounts(
            {
                partition: offset
                for (topic, partition), offset in self._next_offset.items()
                if topic == customers
            }
        )
        self._first_timestamp = math.inf
        self._last_scored_at = 0
        self.last_timestamp = 0
        self._add_messages = {
            customers: self._add_records,
            names.predictions.name: self._add_predictions,
            names.dead_letters.name: self._add_dead_letters,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        offsets = ", ".join(
            f"{topic}/{partition} to {offset}"
            for (topic, partition), offset in self._next_offset.items()
        )
        return f"{self.counts.describe_faults() or len(self.counts.records)} in {offsets}"

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def read_to_end(self, timeout: float = 10) -> None:
        """Reads to the topics' current ends, for at most `timeout` seconds.

        Raises:
            RunIncomplete: A message is not a result of this version of the contract.
        """
        deadline = time.monotonic() + timeout
        unread = self._assign()
        while unread and time.monotonic() < deadline:
            received: dict[str, list[Message]] = {topic: [] for topic in self._add_messages}
            for message in self._consumer.consume(BATCH_SIZE, 0.1):
                error = message.error()
                if error is None:
                    topic, partition, offset = _position(message)
                    if offset >= self._next_offset[topic, partition]:  # else it was read before
                        received[topic].append(message)
                        self._next_offset[topic, partition] = offset + 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard(_position(message)[:2])
                else:
                    log.warning("consumer error, reading again: error=%s", error.str())
                    unread = self._assign()
            for topic, messages in received.items():
                self._add_messages[topic](messages)

    def _assign(self) -> set[TopicAndPartition]:
        """Assigns all partitions at their next offsets; returns those to read to the end.

        librdkafka reports the end of a partition once per assignment, and resumes a partition whose
        position it lost only after a new assignment.
        """
        self._consumer.assign(
            [TopicPartition(*place, offset) for place, offset in self._next_offset.items()]
        )
        return set(self._next_offset)

    @property
    def seconds(self) -> float:
        """Seconds from the first record's timestamp to the last prediction; 0 without records."""
        return max(0.0, (self._last_scored_at - self._first_timestamp) / 1000)

    def _add_records(self, messages: Sequence[Message]) -> None:
        skipped = {
            _position(message)[1:]
            for message in messages
            if self._settings.skip_tombstones and message.value() is None
        }
        positions = {_position(message)[1:] for message in messages}
        self.counts.add_records(positions - skipped)
        self.counts.add_tombstones(skipped)
        timestamps = [message.timestamp()[1] for message in messages]
        self._first_timestamp = min(self._first_timestamp, *timestamps, math.inf)
        self.last_timestamp = max(self.last_timestamp, *timestamps, 0)

    def _add_predictions(self, messages: Sequence[Message]) -> None:
        decode = schema_of(self._settings).codec.decode_prediction
        predictions = [_decode(decode, message) for message in messages]
        self.counts.add_predictions((event.partition, event.offset) for event in predictions)
        scored_at = max((event.scored_at for event in predictions), default=0)
        self._last_scored_at = max(self._last_scored_at, scored_at)

    def _add_dead_letters(self, messages: Sequence[Message]) -> None:
        dead_letters = [_decode(decode_dead_letter, message) for message in messages]
        self.counts.add_dead_letters((event.partition, event.offset) for event in dead_letters)

    def _partitions(self, topic: str) -> list[TopicAndPartition]:
        metadata = self._consumer.list_topics(topic, timeout=self._settings.kafka_timeout)
        return [(topic, partition) for partition in metadata.topics[topic].partitions]


def _position(message: Message) -> tuple[str, int, int]:
    """Topic, partition and offset; none of them is None in a consumed message."""
    return cast(tuple[str, int, int], (message.topic(), message.partition(), message.offset()))


def _decode(decode: Callable[[bytes | None], E], message: Message) -> E:
    try:
        return decode(message.value())
    except InvalidRecord as fault:
        topic, partition, offset = _position(message)
        raise RunIncomplete(
            f"{topic}, partition {partition}, offset {offset} is not a valid result ({fault}): "
            "check which other program writes to that topic"
        ) from None
