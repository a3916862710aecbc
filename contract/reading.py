"""A topic as it is now, from its beginning to its present end. Owns the consumer for that."""

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

from contract import kafka, kafka_login
from contract.errors import BrokerUnreachable
from contract.settings import Settings

AT_ONCE: Final = 1_000

LOOK_EVERY: Final = 0.2
"""Seconds that the client waits for so many; at the end of a topic that is all waiting."""


def messages(settings: Settings, topic: str) -> Iterator[Message]:
    """Committed messages, partition by partition in their order; none of a topic that is not there.

    What is written while it reads is left: a topic that is written all the time has an end.
    Raises `BrokerUnreachable` or `AccessDenied`.
    """
    consumer = kafka.consumer(settings, f"{topic}-reading", enable_partition_eof=True)
    try:
        known = consumer.list_topics(topic, timeout=settings.kafka_timeout).topics[topic]
        unread = set(known.partitions)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in unread])
        ends = Ends(consumer)
        while unread:
            for message in _consumed(consumer, Progress(settings, topic)):
                last = ends.reached_by(message)
                if message.error() is None and message.partition() in unread:
                    yield message
                if last:
                    unread.discard(message.partition())
    except KafkaException as failure:
        kafka_login.check(settings, failure.args[0])
        raise BrokerUnreachable(
            f"cannot read {topic} ({failure.args[0].str()}): see to the broker, and start again"
        ) from None
    finally:
        consumer.close()


def _consumed(consumer: Consumer, progress: "Progress") -> list[Message]:
    """The next messages, or ends of partitions. Raises `BrokerUnreachable` if neither comes."""
    while not (messages := consumer.consume(AT_ONCE, LOOK_EVERY)):
        progress.check(came=False)
    return messages


class Progress:
    """Notices that nothing is read: the client itself would wait for its broker without end."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings, self._topic = settings, topic
        self._last = time.monotonic()

    def check(self, came: bool) -> None:
        """Raises `BrokerUnreachable` where nothing came for `kafka_timeout`, not even an end."""
        now = time.monotonic()
        if came:
            self._last = now
        elif now - self._last > self._settings.kafka_timeout:
            raise BrokerUnreachable(
                f"cannot read {self._topic}: the broker at {self._settings.kafka_bootstrap} sent "
                f"nothing for {self._settings.kafka_timeout:g} s; check that it is running"
            )


class Ends:
    """Of a topic's partitions: as they are given, or what the client knows of each of them when
    its first message is there.
    """

    def __init__(self, consumer: Consumer, given: Mapping[int, int] | None = None) -> None:
        self._consumer = consumer
        self._end = dict(given or {})

    def reached_by(self, message: Message) -> bool:
        """Whether the message, or the word of an end, is the last of its partition.

        The client tells an end only where nothing is written for as long as a fetch waits, and no
        message stands before the end where a transaction's marker does: so either will do.

        Raises `KafkaException` for a message that is another error.
        """
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            return True
        number, offset = int(message.partition() or 0), int(message.offset() or 0)
        if number not in self._end:
            place = TopicPartition(str(message.topic()), number)
            _, self._end[number] = self._consumer.get_watermark_offsets(place, cached=True)
        return offset + 1 >= self._end[number]
