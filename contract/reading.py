"""A topic as it is now, from its beginning to its present end. Owns the consumer for that."""

from collections.abc import Iterator
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, Message, TopicPartition

from contract import kafka, kafka_login
from contract.errors import BrokerUnreachable
from contract.settings import Settings

AT_ONCE: Final = 1_000

LOOK_EVERY: Final = 0.2
"""Seconds that the client waits for so many; at the end of a topic that is all waiting."""


def messages(settings: Settings, topic: str) -> Iterator[Message]:
    """Committed messages, partition by partition in their order; none of a topic that is not there.

    Raises `BrokerUnreachable` or `AccessDenied`.
    """
    consumer = kafka.consumer(settings, f"{topic}-reading", enable_partition_eof=True)
    try:
        found = consumer.list_topics(topic, timeout=settings.kafka_timeout).topics[topic]
        unread = set(found.partitions)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in unread])
        while unread:
            for message in consumer.consume(AT_ONCE, LOOK_EVERY):
                if _is_end(message):
                    unread.discard(message.partition())
                else:
                    yield message
    except KafkaException as failure:
        kafka_login.check(settings, failure.args[0])
        raise BrokerUnreachable(
            f"cannot read {topic} ({failure.args[0].str()}): see to the broker, and start again"
        ) from None
    finally:
        consumer.close()


def _is_end(message: Message) -> bool:
    """Whether it says that the partition is read to its end. Raises `KafkaException`."""
    error = message.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return error is not None
