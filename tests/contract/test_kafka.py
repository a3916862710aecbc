"""Topics are created once, with what the map says of them; a broker that is away is told."""

import time

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]  # re-exported

from contract import kafka
from contract.errors import BrokerUnreachable
from contract.settings import Settings
from contract.topics import topics
from tests.conftest import SettingsFor


def test_missing_topics_are_created_as_the_map_says(settings: Settings) -> None:
    wanted = topics(settings)
    kafka.ensure_topics(settings, wanted)
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    for topic in wanted:
        found = admin.list_topics(topic.name, timeout=10).topics[topic.name]
        assert len(found.partitions) == topic.partitions
    resource = ConfigResource(ResourceType.TOPIC, settings.topic_dead_letters)
    config = admin.describe_configs([resource])[resource].result()
    assert config["max.message.bytes"].value == str(wanted.dead_letters.max_message_bytes)


def test_existing_topic_is_left_as_it_is(settings_for: SettingsFor) -> None:
    kafka.ensure_topics(first := settings_for(Settings, partitions=2), topics(first))
    kafka.ensure_topics(second := settings_for(Settings, partitions=5), topics(second))
    admin = AdminClient({"bootstrap.servers": first.kafka_bootstrap})
    name = first.topic_customers
    assert len(admin.list_topics(name, timeout=10).topics[name].partitions) == 2


def test_unreachable_broker_is_told_within_the_timeout() -> None:
    settings = Settings(kafka_bootstrap="127.0.0.1:1", kafka_timeout=1)
    started = time.monotonic()
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 .*INTENT_KAFKA_BOOTSTRAP"):
        kafka.check_broker(settings)
    assert time.monotonic() - started < 10
