"""Kafka clients with the settings that every stage uses, and the creation of topics."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contract import kafka_security
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.logs import KafkaClientLog
from contract.settings import Settings
from contract.topics import Topic

R = TypeVar("R")

Options = Mapping[str, Any]

MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""Maximum size of a produced message, in bytes."""

# Measured: docs/decisions/0003-client-settings.md.
_CONSUMER: Final[Options] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "isolation.level": "read_committed",
    "auto.offset.reset": "earliest",
    "partition.assignment.strategy": "cooperative-sticky",
    "queued.min.messages": 100_000,
    "queued.max.messages.kbytes": 32_768,
    "fetch.message.max.bytes": 2_000_000,
    "fetch.queue.backoff.ms": 10,
    "fetch.wait.max.ms": 50,
    "socket.nagle.disable": True,
}
_PRODUCER: Final[Options] = {
    "enable.idempotence": True,
    "acks": "all",
    "linger.ms": 5,
    "queue.buffering.max.messages": 1_000_000,
    "message.max.bytes": MAX_MESSAGE_BYTES,
    "socket.nagle.disable": True,
    # The coordinator is busy for a moment after a commit; librdkafka retries after this time.
    "retry.backoff.ms": 2,
    "retry.backoff.max.ms": 5,
}

_ELECTION_ERRORS: Final = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
"""A partition has no leader or a group no coordinator yet, as right after their creation."""

_AGAINST_RULES: Final = (
    KafkaError.POLICY_VIOLATION,
    KafkaError.INVALID_CONFIG,
    KafkaError.INVALID_PARTITIONS,
    KafkaError.INVALID_REPLICATION_FACTOR,
)
"""The cluster creates topics, but not one like this."""

RETRY_INTERVAL: Final = 0.1
"""Seconds between two requests for something that the broker is still creating or electing."""

FULL_QUEUE_WAIT: Final = 0.1
"""Seconds to wait for room in a full producer queue before the next attempt."""

DENIAL_CHECK_INTERVAL: Final = 1.0
"""Seconds between two checks whether a broker that does not answer has denied access."""

log = logging.getLogger(__name__)


def create_consumer(settings: Settings, group: str, **options: Any) -> Consumer:
    """Creates a read-committed consumer without auto-commit. It connects at its first use.

    Args:
        settings: Broker and login.
        group: Consumer group.
        **options: librdkafka properties with `_` in place of `.`, and callbacks.
    """
    config = {
        **_client_options(settings),
        **_CONSUMER,
        **settings.kafka_properties,
        "group.id": group,
        **librdkafka_options(options),
    }
    with kafka_security.checked_options(settings):
        return Consumer(config, logger=KafkaClientLog(settings.kafka_bootstrap))


def create_producer(settings: Settings, **options: Any) -> Producer:
    """Creates an idempotent producer. It connects at its first use.

    Args:
        settings: Broker, login and compression.
        **options: librdkafka properties with `_` in place of `.`, and callbacks.
    """
    config = {
        **_client_options(settings),
        "compression.type": settings.kafka_compression,
        **_PRODUCER,
        **settings.kafka_properties,
        **librdkafka_options(options),
    }
    with kafka_security.checked_options(settings):
        return Producer(config, logger=KafkaClientLog(settings.kafka_bootstrap))


def produce(producer: Producer, topic: str, value: bytes | None, **message: Any) -> None:
    """Queues a message (key, headers, timestamp in ms). Blocks while the queue is full."""
    while True:
        try:
            producer.produce(topic, value, **message)
        except BufferError:
            producer.poll(FULL_QUEUE_WAIT)
        else:
            return


def produce_batch(producer: Producer, topic: str, messages: list[dict[str, Any]]) -> None:
    """Queues messages (only value and key) in one call. Blocks while the queue is full."""
    while messages and producer.produce_batch(topic, messages) < len(messages):
        producer.poll(FULL_QUEUE_WAIT)
        messages = [message for message in messages if "_error" in message]
        for message in messages:
            error = message.pop("_error")
            if error.code() != KafkaError._QUEUE_FULL:
                raise KafkaException(error)


def committed_offsets(
    consumer: Consumer, partitions: list[TopicPartition], timeout: float
) -> list[TopicPartition]:
    """Returns the group's committed offsets, negative where it has none.

    Raises:
        KafkaException: Also for an error of a single partition, such as an open transaction. The
            client returns these as offsets, and they would look like "no offset".
    """
    offsets: list[TopicPartition] = consumer.committed(partitions, timeout)
    for offset in offsets:
        if offset.error is not None:
            raise KafkaException(offset.error)
    return offsets


def resume_offsets(
    consumer: Consumer, partitions: list[TopicPartition], timeout: float
) -> list[TopicPartition]:
    """Returns where the group resumes: its committed offsets, or the beginning without any.

    Retries until the group has a coordinator. Raises `KafkaException`.
    """
    offsets = retry_during_election(
        lambda: committed_offsets(consumer, partitions, timeout), timeout
    )
    for offset in offsets:
        if offset.offset < 0:
            offset.offset = OFFSET_BEGINNING
    return offsets


def watermark_offsets(
    consumer: Consumer, topic: str, partition: int, timeout: float
) -> tuple[int, int]:
    """Returns a partition's first offset and its end offset.

    Retries until the partition has a leader. Raises `KafkaException`.
    """
    key = TopicPartition(topic, partition)
    low, high = retry_during_election(lambda: consumer.get_watermark_offsets(key, timeout), timeout)
    return int(low), int(high)


def retry_during_election(request: Callable[[], R], timeout: float) -> R:
    """Repeats a request until the leader or coordinator that it needs has been elected.

    Raises:
        KafkaException: Another error, or no election within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            return request()
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.code() not in _ELECTION_ERRORS or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_INTERVAL)


def check_broker(settings: Settings) -> None:
    """Requests the cluster's metadata.

    Raises:
        BrokerUnreachable: No broker answers within `kafka_timeout`.
        AccessDenied: The broker rejects the login.
    """
    _metadata(settings)


def ensure_topics(settings: Settings, required: Iterable[Topic]) -> None:
    """Creates the topics that do not exist. Existing topics are not changed.

    Returns when every partition of the new topics has a leader.

    Raises:
        BrokerUnreachable: No broker answers within `kafka_timeout`.
        AccessDenied: The broker rejects the login.
        TopicUnavailable: A topic cannot be created.
    """
    existing = _metadata(settings).topics
    missing = [topic for topic in required if topic.name not in existing]
    if not missing:
        return
    client = create_admin_client(
        settings
    )  # referenced until the end: its destruction aborts requests
    futures = client.create_topics(
        [_new_topic(settings, topic) for topic in missing],
        operation_timeout=settings.kafka_timeout,
        request_timeout=settings.kafka_timeout,
    )
    created = []
    for topic in missing:
        try:
            futures[topic.name].result()
            created.append(topic.name)
            log.info("created topic=%s", topic.name)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.code() in _AGAINST_RULES:
                raise TopicUnavailable(_how_to_create(settings, topic, error)) from None
            if error.code() != KafkaError.TOPIC_ALREADY_EXISTS:  # by another stage meanwhile
                raise TopicUnavailable(
                    f"topic {topic.name} does not exist, or this user may not see it, and it "
                    f"cannot be created ({error.str()}): create it, or grant the right to describe "
                    "or create it"
                ) from None
    deadline = time.monotonic() + settings.kafka_timeout  # a user may create topics it cannot see
    while not _have_leaders(created, _metadata(settings)) and time.monotonic() < deadline:
        time.sleep(RETRY_INTERVAL)


def _how_to_create(settings: Settings, topic: Topic, error: KafkaError) -> str:
    """One line about a topic that the cluster's rules do not allow as it is."""
    options = " ".join(f"--config {name}={value}" for name, value in topic.config.items())
    return (
        f"the cluster does not allow topic {topic.name} as it would be created "
        f"({' '.join(error.str().split())}): create it with values that the cluster allows, as in "
        f"`kafka-topics.sh --bootstrap-server {settings.kafka_bootstrap} --create --topic "
        f"{topic.name} --partitions {topic.partitions} --replication-factor "
        f"{settings.replication_factor} {options}`, or set INTENT_REPLICATION_FACTOR or "
        "INTENT_RETENTION_HOURS; dead letters are truncated to the max.message.bytes of their topic"
    )


def _have_leaders(names: list[str], metadata: Any) -> bool:
    topics = [metadata.topics[name].partitions for name in names if name in metadata.topics]
    leaders = [partition.leader for partitions in topics for partition in partitions.values()]
    return len(topics) == len(names) and all(topics) and -1 not in leaders


def _client_options(settings: Settings) -> dict[str, Any]:
    return {
        "bootstrap.servers": settings.kafka_bootstrap,
        "log_level": 3,
        **kafka_security.security_options(settings),
    }


def create_admin_client(settings: Settings, **options: Any) -> AdminClient:
    """Creates a client for administration. It connects at its first use and logs nothing.

    `options` are librdkafka properties by their own names.
    """
    quiet = {"log_level": 0}  # callers raise instead
    config = {**_client_options(settings), **quiet, **settings.kafka_properties, **options}
    with kafka_security.checked_options(settings):
        return AdminClient(config, logger=KafkaClientLog(settings.kafka_bootstrap))


def _metadata(settings: Settings) -> Any:
    errors: list[KafkaError] = []
    client = create_admin_client(settings, error_cb=errors.append)
    deadline = time.monotonic() + settings.kafka_timeout
    while True:
        left = deadline - time.monotonic()
        try:
            return client.list_topics(timeout=max(0.001, min(left, DENIAL_CHECK_INTERVAL)))
        except KafkaException:
            client.poll(0)  # calls `error_cb`; the client would retry a wrong password forever
            for error in errors:
                kafka_security.raise_if_denied(settings, error)
                kafka_security.raise_if_without_token(settings, error)
            if left <= DENIAL_CHECK_INTERVAL:
                raise BrokerUnreachable(
                    f"no Kafka broker answers at {settings.kafka_bootstrap} within "
                    f"{settings.kafka_timeout:g} s: start one, or set INTENT_KAFKA_BOOTSTRAP"
                ) from None


def _new_topic(settings: Settings, topic: Topic) -> NewTopic:
    return NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=settings.replication_factor,
        config=topic.config,
    )


def librdkafka_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Turns `group_instance_id` into `group.instance.id`. Callbacks keep their names."""
    return {
        name if name.startswith("on_") or name.endswith("_cb") else name.replace("_", "."): value
        for name, value in options.items()
    }
