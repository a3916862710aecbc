"""Reads a topic from its beginning to its present end."""

import time
from collections.abc import Iterator, Mapping
from typing import Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.settings import Settings

BATCH_SIZE: Final = 1_000
"""Messages per call of `consume`."""

BATCH_WAIT: Final = 0.2
"""Seconds that the client waits for a full batch. At the end of a topic it always waits so long."""


def read_topic(settings: Settings, topic: str) -> Iterator[Message]:
    """Yields committed messages partition by partition; none if the topic does not exist.

    Messages that are written meanwhile are not read, so a busy topic has an end too.

    Raises:
        BrokerUnreachable: The broker does not answer, or reports an error.
        AccessDenied: The broker rejects the login or the permission is missing.
    """
    consumer = kafka.create_consumer(settings, f"{topic}-reading", enable_partition_eof=True)
    try:
        metadata = consumer.list_topics(topic, timeout=settings.kafka_timeout).topics[topic]
        unread = set(metadata.partitions)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in unread])
        ends = PartitionEnds(consumer)
        while unread:
            for message in _next_batch(consumer, ReadTimeout(settings, topic)):
                is_last = ends.is_reached_by(message)
                if message.error() is None and message.partition() in unread:
                    yield message
                if is_last:
                    unread.discard(message.partition())
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise BrokerUnreachable(
            f"cannot read {topic} ({failure.args[0].str()}): check the broker, and try again"
        ) from None
    finally:
        consumer.close()


def _next_batch(consumer: Consumer, timeout: "ReadTimeout") -> list[Message]:
    """Messages or end-of-partition events. Raises `BrokerUnreachable` if neither arrives."""
    while not (messages := consumer.consume(BATCH_SIZE, BATCH_WAIT)):
        timeout.check(received=False)
    return messages


class ReadTimeout:
    """Limits the time without a message. The client itself waits for its broker without limit."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings, self._topic = settings, topic
        self._last = time.monotonic()

    def check(self, received: bool) -> None:
        """Records whether the last call received anything, end-of-partition events included.

        Raises:
            BrokerUnreachable: Nothing was received for `kafka_timeout` seconds.
        """
        now = time.monotonic()
        if received:
            self._last = now
        elif now - self._last > self._settings.kafka_timeout:
            raise BrokerUnreachable(
                f"cannot read {self._topic}: the broker at {self._settings.kafka_bootstrap} sent "
                f"nothing for {self._settings.kafka_timeout:g} s; check that it is running"
            )


class PartitionEnds:
    """End offsets of a topic's partitions, fixed in advance or when a first message arrives."""

    def __init__(self, consumer: Consumer, ends: Mapping[int, int] | None = None) -> None:
        """`ends` has the end offsets that are fixed in advance, by partition."""
        self._consumer = consumer
        self._ends = dict(ends or {})

    def is_reached_by(self, message: Message) -> bool:
        """Whether a message, or an end-of-partition event, is the last of its partition.

        Both are needed: the client sends the event only if nothing is written while a fetch waits,
        and the last offset before the end may be a transaction marker, which is no message.

        Raises:
            KafkaException: The message is another error.
        """
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            return True
        number, offset = int(message.partition() or 0), int(message.offset() or 0)
        if number not in self._ends:
            partition = TopicPartition(str(message.topic()), number)
            _, self._ends[number] = self._consumer.get_watermark_offsets(partition, cached=True)
        return offset + 1 >= self._ends[number]
