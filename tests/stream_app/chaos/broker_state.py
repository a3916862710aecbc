"""The broker's state of topics, transactions and group, for the output of a failed test."""

from collections.abc import Iterator

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from kafka.errors import KafkaError as KafkaPythonError
from kafka.structs import TopicPartition

from contract import kafka
from contract.kafka_security import kafka_python_admin
from contract.partition_watch import partition_ends
from stream_app.settings import ScorerSettings

TIMEOUT = 20.0


def describe(settings: ScorerSettings) -> str:
    """Offsets by partition, open transactions, members and offsets of the scorer's group."""
    lines: list[str] = []
    for part in (_partitions, _transactions, _group):
        try:
            lines += part(settings)
        except (KafkaException, KafkaPythonError) as failure:
            lines.append(f"{part.__name__}: {failure}")
    return "\n".join(lines)


def _places(settings: ScorerSettings) -> list[tuple[str, int]]:
    found = kafka.create_admin_client(settings).list_topics(timeout=TIMEOUT).topics
    return [(name, number) for name, topic in found.items() for number in topic.partitions]


def _partitions(settings: ScorerSettings) -> Iterator[str]:
    ends = partition_ends(kafka.create_admin_client(settings), _places(settings), TIMEOUT)
    for place, end in sorted(ends.items()):
        if end.end:
            yield f"{place}: {end}{' HELD' if end.is_held else ''}"


def _transactions(settings: ScorerSettings) -> Iterator[str]:
    with kafka_python_admin(settings) as client:
        listed = [each for found in client.list_transactions().values() for each in found]
        described = client.describe_transactions([each.transactional_id for each in listed])
        for name, transaction in described.items():
            yield f"{name}: {transaction}"
        places = [TopicPartition(*place) for place in _places(settings)]
        for place, state in client.describe_producers(places).items():
            for producer in state.active_producers:
                if producer.current_transaction_start_offset >= 0:
                    yield f"open in {place}: {producer}"


def _group(settings: ScorerSettings) -> Iterator[str]:
    admin, group = kafka.create_admin_client(settings), settings.scorer_group
    described = admin.describe_consumer_groups([group])[group].result(TIMEOUT)
    yield f"group {group}: {described.state}"
    for member in described.members:
        parts = [part.partition for part in member.assignment.topic_partitions]
        yield f"  {member.member_id}: {parts}"
    for stable in (True, False):
        asked = admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group)], require_stable=stable, request_timeout=TIMEOUT
        )
        found = asked[group].result(TIMEOUT).topic_partitions
        offsets = {part.partition: (part.offset, part.error) for part in found}
        yield f"  committed offsets, require_stable={stable}: {offsets}"
