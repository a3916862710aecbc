"""Creates, measures and deletes the topics of one measurement."""

import time
import uuid
from contextlib import suppress

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import TopicUnavailable
from contract.topics import Topic, topics

REQUEST_TIMEOUT = 30.0
RETRY_INTERVAL = 0.05


def create_topics(settings: BenchSettings, **changes: object) -> BenchSettings:
    """Creates topics with unique names; returns settings that name them."""
    suffix = uuid.uuid4().hex[:8]
    names = {
        "topic_customers": f"customers-{suffix}",
        "topic_predictions": f"predictions-{suffix}",
        "topic_outcomes": f"outcomes-{suffix}",
        "topic_dead_letters": f"dead-letters-{suffix}",
    }
    created = settings.model_copy(update={**names, **changes})
    kafka.ensure_topics(created, topics(created))
    return created


def create_output_topics(settings: BenchSettings) -> BenchSettings:
    """Creates empty output topics for the same input; returns settings that name them."""
    suffix = uuid.uuid4().hex[:8]
    names = {
        "topic_predictions": f"predictions-{suffix}",
        "topic_dead_letters": f"dead-letters-{suffix}",
    }
    created = settings.model_copy(update=names)
    kafka.ensure_topics(created, topics(created))
    return created


def delete_topics(settings: BenchSettings, *names: str) -> None:
    """Frees disk space as far as the broker does it in time. The run's end frees all of it."""
    admin = _admin(settings)  # if it were destroyed, its requests would be too
    for future in admin.delete_topics(list(names)).values():
        with suppress(KafkaException):
            future.result(REQUEST_TIMEOUT)


class CommittedOffsets:
    """Last stable offsets of a topic. The constructor waits until the topic is available."""

    def __init__(self, settings: BenchSettings, topic: Topic) -> None:
        self._admin = _admin(settings)
        self._partitions = {
            TopicPartition(topic.name, number): OffsetSpec.latest()  # type: ignore[no-untyped-call]
            for number in range(topic.partitions)
        }
        self.total()

    def total(self) -> int:
        """Number of committed offsets: records, and a marker for each transaction.

        Raises:
            TopicUnavailable: The broker does not return the offsets.
        """
        deadline = time.monotonic() + REQUEST_TIMEOUT
        while True:
            offsets = self._admin.list_offsets(
                self._partitions,
                isolation_level=IsolationLevel.READ_COMMITTED,
                request_timeout=REQUEST_TIMEOUT,
            )
            try:
                return sum(future.result(REQUEST_TIMEOUT).offset for future in offsets.values())
            except KafkaException as failure:  # a new topic has no leader yet
                if time.monotonic() > deadline:
                    raise TopicUnavailable(f"cannot read the offsets: {failure}") from None
                time.sleep(RETRY_INTERVAL)


def _admin(settings: BenchSettings) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "socket.nagle.disable": True,
            "log_level": 3,
        }
    )
