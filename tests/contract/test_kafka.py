"""Topics are created once with their settings; an unreachable broker is an error in time."""

import time
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]  # re-exported

from contract import kafka
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.settings import Settings
from contract.topics import topics
from tests.support.fixtures import SettingsFor


def test_missing_topics_are_created_with_their_settings(settings: Settings) -> None:
    wanted = topics(settings)
    kafka.ensure_topics(settings, wanted)
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    for topic in wanted:
        found = admin.list_topics(topic.name, timeout=10).topics[topic.name]
        assert len(found.partitions) == topic.partitions
    resource = ConfigResource(ResourceType.TOPIC, settings.topic_dead_letters)
    config = admin.describe_configs([resource])[resource].result()
    assert config["max.message.bytes"].value == str(wanted.dead_letters.max_message_bytes)


def test_topic_against_the_rules_of_the_cluster_is_one_line_with_its_reason_and_a_command(
    settings_for: SettingsFor,
) -> None:
    settings = settings_for(Settings, replication_factor=3)  # of a cluster of one
    with pytest.raises(TopicUnavailable) as refused:
        kafka.ensure_topics(settings, [topics(settings).dead_letters])
    name, line = settings.topic_dead_letters, str(refused.value)
    assert "\n" not in line
    assert f"does not allow topic {name}" in line
    assert "replication factor" in line.partition(": create it")[0].lower(), "the broker's reason"
    assert f"--topic {name} --partitions 1 --replication-factor 3 --config retention.ms=" in line
    assert "--config max.message.bytes=16777216" in line


def test_existing_topic_is_left_as_it_is(settings_for: SettingsFor) -> None:
    kafka.ensure_topics(first := settings_for(Settings, partitions=2), topics(first))
    kafka.ensure_topics(second := settings_for(Settings, partitions=5), topics(second))
    admin = AdminClient({"bootstrap.servers": first.kafka_bootstrap})
    name = first.topic_customers
    assert len(admin.list_topics(name, timeout=10).topics[name].partitions) == 2


def test_unreachable_broker_is_an_error_within_the_timeout() -> None:
    settings = Settings(kafka_bootstrap="127.0.0.1:1", kafka_timeout=1)
    started = time.monotonic()
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 .*INTENT_KAFKA_BOOTSTRAP"):
        kafka.check_broker(settings)
    assert time.monotonic() - started < 10


def failing(code: int, times: float) -> Callable[[], str]:
    """A question that gets an answer after so many errors."""
    left = times

    def ask() -> str:
        nonlocal left
        left -= 1
        if left >= 0:
            raise KafkaException(KafkaError(code))
        return "answer"

    return ask


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    ],
)
def test_request_is_retried_until_a_leader_or_coordinator_is_elected(code: int) -> None:
    assert kafka.retry_during_election(failing(code, 2), timeout=60) == "answer"


def test_election_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(KafkaException, match="Not leader"):
        kafka.retry_during_election(
            failing(KafkaError.NOT_LEADER_FOR_PARTITION, float("inf")), timeout=0
        )


def test_other_errors_are_not_retried() -> None:
    with pytest.raises(KafkaException, match="authorization"):
        kafka.retry_during_election(failing(KafkaError.TOPIC_AUTHORIZATION_FAILED, 1), timeout=60)
