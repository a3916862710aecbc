"""Maximum size of the messages that the scorer writes, as configured for its topics."""

import logging
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigResource  # type: ignore[attr-defined]  # typed so

from contract import kafka
from contract.settings import Settings
from contract.topics import Topic, Topics
from stream_app.scoring.message import MessageLimits

log = logging.getLogger(__name__)

RECORD_OVERHEAD_BYTES: Final = 1024
"""Reserved for what Kafka adds to a single message."""


def fetch_message_limits(settings: Settings, topics: Topics) -> MessageLimits:
    """Asks the broker for the limits; uses those of the topic map if it does not answer."""
    return MessageLimits(
        predictions=_max_message_bytes(settings, topics.predictions),
        dead_letters=_max_message_bytes(settings, topics.dead_letters),
    )


def _max_message_bytes(settings: Settings, topic: Topic) -> int:
    client = kafka.create_admin_client(settings)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    (answer,) = client.describe_configs([resource], request_timeout=settings.kafka_timeout).values()
    try:
        max_bytes = int(answer.result()["max.message.bytes"].value)
    except (KafkaException, KeyError):  # this user may not describe the topic
        log.info(
            "cannot read max.message.bytes, using the topic map: topic=%s value=%d",
            topic.name,
            topic.max_message_bytes,
        )
        max_bytes = topic.max_message_bytes
    return min(max_bytes, kafka.MAX_MESSAGE_BYTES) - RECORD_OVERHEAD_BYTES
