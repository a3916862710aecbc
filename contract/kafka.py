"""Kafka clients, tuned once, and the topics they need."""

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

from contract import kafka_login
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.kafka_log import ClientLog
from contract.settings import Settings
from contract.topics import Topic

R = TypeVar("R")

Options = Mapping[str, Any]

LARGEST_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes that our producers put into one message at most."""

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
    "message.max.bytes": LARGEST_MESSAGE,
    "socket.nagle.disable": True,
    # After a commit the coordinator is busy for a moment, and librdkafka asks again this late.
    "retry.backoff.ms": 2,
    "retry.backoff.max.ms": 5,
}

_NOT_YET: Final = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
"""A partition without a leader, a group without a coordinator: as both are when they are new."""

_ASK_AGAIN: Final = 0.1
"""Seconds."""

FULL_QUEUE_WAIT: Final = 0.1
"""Seconds to let a full queue empty before more is put on it."""

REFUSAL_CHECK: Final = 1.0
"""Seconds between two looks at whether a broker that does not answer has refused us."""

log = logging.getLogger(__name__)


def consumer(settings: Settings, group: str, **options: Any) -> Consumer:
    """A read-committed consumer that commits nothing by itself. Connects when first used."""
    told = {**_common(settings), **_CONSUMER, "group.id": group, **dotted(options)}
    with kafka_login.usable_files(settings):
        return Consumer(told, logger=ClientLog(settings.kafka_bootstrap))


def producer(settings: Settings, **options: Any) -> Producer:
    """An idempotent producer. Connects when first used."""
    codec = {"compression.type": settings.kafka_compression}
    told = {**_common(settings), **codec, **_PRODUCER, **dotted(options)}
    with kafka_login.usable_files(settings):
        return Producer(told, logger=ClientLog(settings.kafka_bootstrap))


def produce(producer: Producer, topic: str, value: bytes | None, **message: Any) -> None:
    """Queues one message (key, headers, timestamp in ms); waits while the queue is full."""
    while True:
        try:
            producer.produce(topic, value, **message)
        except BufferError:
            producer.poll(FULL_QUEUE_WAIT)
        else:
            return


def produce_batch(producer: Producer, topic: str, messages: list[dict[str, Any]]) -> None:
    """Queues messages (value and key alone) in one call; waits while the queue is full."""
    while messages and producer.produce_batch(topic, messages) < len(messages):
        producer.poll(FULL_QUEUE_WAIT)
        messages = [message for message in messages if "_error" in message]
        for message in messages:
            error = message.pop("_error")
            if error.code() != KafkaError._QUEUE_FULL:
                raise KafkaException(error)


def committed(
    consumer: Consumer, places: list[TopicPartition], timeout: float
) -> list[TopicPartition]:
    """The group's offsets; negative where it has none.

    Raises `KafkaException` also for the fault of a single partition, such as a transaction that is
    under way: that is no answer, and taken for one it would read as "none".
    """
    found: list[TopicPartition] = consumer.committed(places, timeout)
    for place in found:
        if place.error is not None:
            raise KafkaException(place.error)
    return found


def positions(
    consumer: Consumer, places: list[TopicPartition], timeout: float
) -> list[TopicPartition]:
    """Where a group goes on: at its offsets, or at the beginning where it has none.

    Asks until the group has a coordinator. Raises `KafkaException`.
    """
    found = answered(lambda: committed(consumer, places, timeout), timeout)
    for place in found:
        if place.offset < 0:
            place.offset = OFFSET_BEGINNING
    return found


def extent(consumer: Consumer, topic: str, partition: int, timeout: float) -> tuple[int, int]:
    """The first offset of a partition, and the one after its last.

    Asks until the partition has a leader. Raises `KafkaException`.
    """
    place = TopicPartition(topic, partition)
    low, high = answered(lambda: consumer.get_watermark_offsets(place, timeout), timeout)
    return int(low), int(high)


def answered(ask: Callable[[], R], timeout: float) -> R:
    """The broker's answer, asked again for while a leader or a coordinator is yet to be elected.

    Raises `KafkaException`, after `timeout` seconds that one too.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            return ask()
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.code() not in _NOT_YET or time.monotonic() > deadline:
                raise
            time.sleep(_ASK_AGAIN)


def check_broker(settings: Settings) -> None:
    """Raises `BrokerUnreachable` unless a broker answers in time, `AccessDenied` if it refuses."""
    _metadata(settings)


def ensure_topics(settings: Settings, wanted: Iterable[Topic]) -> None:
    """Creates the topics that do not exist; those that do are left as they are.

    Returns once the broker's metadata has the new ones, with a leader of each partition.

    Raises `BrokerUnreachable`, `AccessDenied` or `TopicUnavailable`.
    """
    wanted = list(wanted)
    existing = _metadata(settings).topics
    missing = [topic for topic in wanted if topic.name not in existing]
    if not missing:
        return
    client = admin(settings)  # destroyed, it would give up what is under way
    futures = client.create_topics(
        [_new_topic(settings, topic) for topic in missing],
        operation_timeout=settings.kafka_timeout,
        request_timeout=settings.kafka_timeout,
    )
    created = []
    for name, future in futures.items():
        try:
            future.result()
            created.append(name)
            log.info("created topic %s", name)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another stage was faster
                raise TopicUnavailable(
                    f"topic {name} is missing, or hidden from this user, and cannot be created "
                    f"({error.str()}): create it, or let this user describe or create it"
                ) from None
    deadline = time.monotonic() + settings.kafka_timeout  # a user may create what it cannot see
    while not _have_leaders(created, _metadata(settings)) and time.monotonic() < deadline:
        time.sleep(_ASK_AGAIN)


def _have_leaders(names: list[str], metadata: Any) -> bool:
    found = [metadata.topics[name].partitions for name in names if name in metadata.topics]
    leaders = [partition.leader for each in found for partition in each.values()]
    return len(found) == len(names) and all(found) and -1 not in leaders


def _common(settings: Settings) -> dict[str, Any]:
    login = kafka_login.options(settings)
    return {"bootstrap.servers": settings.kafka_bootstrap, "log_level": 3, **login}


def admin(settings: Settings, **options: Any) -> AdminClient:
    """A client that asks about topics and changes them. Connects when first used."""
    told = {**_common(settings), "log_level": 0, **options}  # whoever asks raises an error of ours
    with kafka_login.usable_files(settings):
        return AdminClient(told, logger=ClientLog(settings.kafka_bootstrap))


def _metadata(settings: Settings) -> Any:
    faults: list[KafkaError] = []
    client = admin(settings, error_cb=faults.append)
    deadline = time.monotonic() + settings.kafka_timeout
    while True:
        left = deadline - time.monotonic()
        try:
            return client.list_topics(timeout=max(0.001, min(left, REFUSAL_CHECK)))
        except KafkaException:
            client.poll(0)  # the client itself would try a wrong password for ever
            for fault in faults:
                kafka_login.check(settings, fault)
            if left <= REFUSAL_CHECK:
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


def dotted(options: Mapping[str, Any]) -> dict[str, Any]:
    """`group_instance_id=...` -> `group.instance.id`; callbacks keep their names."""
    return {
        name if name.startswith("on_") or name.endswith("_cb") else name.replace("_", "."): value
        for name, value in options.items()
    }
