"""Topics that nobody else has, on the benchmarks' broker."""

import time
import uuid

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import TopicUnavailable
from contract.topics import Topic, topics

PATIENCE = 30.0

NOT_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)
"""What a topic answers that was made a moment ago."""


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
    """Gives the disk back."""
    admin = _admin(settings)  # destroyed, it would give up what is under way
    for future in admin.delete_topics(list(names)).values():
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
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline:
                raise TopicUnavailable(f"topic {topic.name} does not answer")

    def total(self) -> int:
        """Offsets below the ends: the committed records, and a marker for each transaction."""
        found = self._admin.list_offsets(
            self._asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=PATIENCE
        )
        return sum(each.result(PATIENCE).offset for each in found.values())

    def _answers(self) -> bool:
        try:
            self.total()
        except KafkaException as failure:
            if failure.args[0].code() not in NOT_YET:
                raise
            return False
        return True


def _admin(settings: BenchSettings) -> AdminClient:
    return AdminClient(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "socket.nagle.disable": True,
            "log_level": 3,
        }
    )
