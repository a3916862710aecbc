"""Topics that nobody else has, on the benchmarks' broker."""

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

PATIENCE = 30.0

AGAIN_AFTER = 0.05


def fresh(settings: BenchSettings, **changes: object) -> BenchSettings:
    """The settings with topics of their own, which are created."""
    own = uuid.uuid4().hex[:8]
    given = {
        "topic_customers": f"customers-{own}",
        "topic_predictions": f"predictions-{own}",
        "topic_outcomes": f"outcomes-{own}",
        "topic_dead_letters": f"dead-letters-{own}",
    }
    made = settings.model_copy(update={**given, **changes})
    kafka.ensure_topics(made, topics(made))
    return made


def with_output(settings: BenchSettings) -> BenchSettings:
    """The same input, with an output that is empty."""
    own = uuid.uuid4().hex[:8]
    given = {"topic_predictions": f"predictions-{own}", "topic_dead_letters": f"dead-letters-{own}"}
    made = settings.model_copy(update=given)
    kafka.ensure_topics(made, topics(made))
    return made


def delete(settings: BenchSettings, *names: str) -> None:
    """Gives the disk back, if the broker is quick; it goes with the run in any case."""
    admin = _admin(settings)  # destroyed, it would give up what is under way
    for future in admin.delete_topics(list(names)).values():
        with suppress(KafkaException):
            future.result(PATIENCE)


class Ends:
    """The ends of a topic's partitions as a read-committed consumer sees them.

    Made, it returns once the topic, which may be new, has answered.
    """

    def __init__(self, settings: BenchSettings, topic: Topic) -> None:
        self._admin = _admin(settings)
        self._asked = {
            TopicPartition(topic.name, number): OffsetSpec.latest()  # type: ignore[no-untyped-call]
            for number in range(topic.partitions)
        }
        self.total()

    def total(self) -> int:
        """Offsets below the ends: the committed records, and a marker for each transaction.

        Raises `TopicUnavailable`.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self._admin.list_offsets(
                self._asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=PATIENCE
            )
            try:
                return sum(each.result(PATIENCE).offset for each in found.values())
            except KafkaException as failure:  # a topic that was made a moment ago has no leader
                if time.monotonic() > deadline:
                    raise TopicUnavailable(f"the ends are not told: {failure}") from None
                time.sleep(AGAIN_AFTER)


def _admin(settings: BenchSettings) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "socket.nagle.disable": True,
            "log_level": 3,
        }
    )
