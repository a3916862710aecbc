"""What a user may do on Kafka, found out by doing it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # typed so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.cimpl import NewTopic

from contract import kafka
from contract.settings import Settings
from tests.support.builders import eventually

PATIENCE = 10.0


def readable(settings: Settings, topics: Iterable[str]) -> set[str]:
    """The topics that this user gets records, or the end, of."""
    consumer = kafka.create_consumer(settings, "reader-attempts", enable_partition_eof=True)
    allowed: set[str] = set()
    unknown = set(topics)
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING) for topic in unknown])

    def decided() -> bool:
        for message in consumer.consume(100, 0.1):
            error, topic = message.error(), str(message.topic())
            if error is None or error.code() == KafkaError._PARTITION_EOF:
                allowed.add(topic)
            if error is None or error.code() in (
                KafkaError._PARTITION_EOF,
                KafkaError.TOPIC_AUTHORIZATION_FAILED,
            ):
                unknown.discard(topic)
        return not unknown

    try:
        eventually(decided, PATIENCE)
    finally:
        consumer.close()
    return allowed


def writable(settings: Settings, topics: Iterable[str]) -> set[str]:
    """The topics that take a record from this user."""
    allowed: set[str] = set()

    for topic in topics:  # a producer each: a refusal may end it
        # an idempotent one would first ask for an id, which is a right of its own
        producer = kafka.create_producer(settings, enable_idempotence=False)
        producer.produce(
            topic,
            b"{}",
            key=b"attempt",  # a compacted topic takes none without
            on_delivery=partial(_note, allowed),
        )
        left = producer.flush(PATIENCE)
        assert not left, f"no answer for {topic}"
    return allowed


def _note(allowed: set[str], error: KafkaError | None, message: Message) -> None:
    if error is None:
        allowed.add(str(message.topic()))


def usable_groups(settings: Settings, groups: Iterable[str]) -> set[str]:
    """The consumer groups whose offsets this user may ask for."""
    client = kafka.create_admin_client(settings)
    return {group for group in groups if _may_ask(client, group)}


def _may_ask(client: AdminClient, group: str) -> bool:
    (asked,) = client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    try:
        asked.result(PATIENCE)
    except KafkaException as failure:
        if failure.args[0].code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise
        return False
    return True


def usable_transactions(settings: Settings, names: Iterable[str]) -> set[str]:
    """The transactional ids that this user may take."""
    return {name for name in names if _may_begin(settings, name)}


def _may_begin(settings: Settings, name: str) -> bool:
    producer = kafka.create_producer(settings, transactional_id=name)
    try:
        producer.init_transactions(PATIENCE)
    except KafkaException as failure:
        if failure.args[0].code() != KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            raise
        return False
    return True


def powers(settings: Settings) -> set[str]:
    """What an admin may do and this user may too."""
    client: AdminClient = kafka.create_admin_client(settings)
    topic = settings.topic_customers
    entry = ConfigEntry("retention.ms", "604800000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    asked: dict[str, dict[Any, Any]] = {
        "create a topic": client.create_topics([NewTopic("another", num_partitions=1)]),
        "delete a topic": client.delete_topics(["another"]),
        "change a topic": client.incremental_alter_configs([resource]),
        "delete a group": client.delete_consumer_groups(["nobodys"]),
    }
    found = set()
    for what, answers in asked.items():
        (answer,) = answers.values()
        try:
            answer.result(PATIENCE)
        except KafkaException as failure:
            refused = failure.args[0].code()
            if refused in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.GROUP_ID_NOT_FOUND):
                found.add(what)  # it may, only there is none
            continue
        found.add(what)
    return found
