"""How large a message may be that the scorer writes: what the topics take, asked of the broker."""

import logging
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigResource  # type: ignore[attr-defined]  # typed so

from contract import kafka
from contract.settings import Settings
from contract.topics import Topic, Topics
from stream_app.scoring.message import Limits

log = logging.getLogger(__name__)

FRAME: Final = 1024
"""Bytes that are left for what Kafka puts around a single message."""


def limits(settings: Settings, names: Topics) -> Limits:
    """Those of the topics as they are; of the topic map where the broker does not say."""
    return Limits(_of(settings, names.predictions), _of(settings, names.dead_letters))


def _of(settings: Settings, topic: Topic) -> int:
    client = kafka.create_admin_client(settings)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    (asked,) = client.describe_configs([resource], request_timeout=settings.kafka_timeout).values()
    try:
        largest = int(asked.result()["max.message.bytes"].value)
    except (KafkaException, KeyError):  # this user may not ask
        log.info("the largest message of %s is not known: taken from the topic map", topic.name)
        largest = topic.max_message_bytes
    return min(largest, kafka.MAX_MESSAGE_BYTES) - FRAME
