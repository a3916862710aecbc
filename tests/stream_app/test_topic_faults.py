"""What was to be read is gone: deleted records, lost offsets, a topic that is another one."""

from collections.abc import Sequence

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contract.errors import TopicUnavailable
from contract.kafka import ensure_topics
from contract.topics import topics
from intent.local.scrape import scrape
from stream_app.settings import ScorerSettings
from stream_app.transport.topic_id_watcher import TopicIdWatcher
from tests.support.builders import eventually, produce
from tests.support.records import MINIMAL
from tests.support.scorer import delete, fault, places, worker


@pytest.fixture
def admin(own: ScorerSettings) -> AdminClient:
    ensure_topics(own, topics(own))
    return AdminClient({"bootstrap.servers": own.kafka_bootstrap})


def write(settings: ScorerSettings, count: int) -> None:
    produce(settings.kafka_bootstrap, settings.topic_customers, [MINIMAL] * count, partition=0)


def offsets(settings: ScorerSettings, until: int) -> Sequence[int]:
    return [offset for _, offset in places(settings, until=until)]


def test_records_deleted_before_they_were_read_are_counted_and_the_others_scored(
    own: ScorerSettings, admin: AdminClient
) -> None:
    with worker(own) as process:
        write(own, 100)
        offsets(own, until=100)
        process.terminate()
        assert process.wait(90) == 0
    write(own, 50)
    (deleted,) = admin.delete_records([TopicPartition(own.topic_customers, 0, 120)]).values()
    deleted.result()
    with worker(own):
        assert offsets(own, until=130) == [*range(100), *range(120, 150)]
        metrics = scrape("127.0.0.1", own.scorer_port)
        assert metrics.total("intent_scorer_skipped_records_total") == 20


@pytest.mark.parametrize("lost", [False, True], ids=["beyond the end", "lost"])
def test_group_whose_offsets_are_of_no_use_reads_all_that_there_is(
    own: ScorerSettings, admin: AdminClient, lost: bool
) -> None:
    write(own, 10)
    if not lost:
        eventually(lambda: has_read(admin, own, 1_000), deadline=60)
    with worker(own):
        assert offsets(own, until=10) == [*range(10)]


def test_worker_whose_topic_is_deleted_ends_with_one_line(
    own: ScorerSettings, admin: AdminClient
) -> None:
    with worker(own) as process:
        write(own, 10)
        offsets(own, until=10)
        delete(admin, own.topic_customers)
        code, said = fault(process, deadline=30)
    assert code == 5
    assert said.startswith(f"topic {own.topic_customers} is gone")


def test_worker_whose_topic_is_deleted_and_made_again_does_not_pass_over_records(
    own: ScorerSettings, admin: AdminClient
) -> None:
    with worker(own) as process:
        write(own, 10)
        offsets(own, until=10)
        delete(admin, own.topic_customers)
        eventually(lambda: made(admin, own.topic_customers))
        code, said = fault(process, deadline=30)
    assert code == 5
    assert said.startswith(f"topic {own.topic_customers} ")
    write(own, 20)
    with worker(own):
        assert offsets(own, until=30) == sorted([*range(10), *range(20)])


def test_topic_that_was_made_again_is_told_from_the_one_that_was_read(
    own: ScorerSettings, admin: AdminClient
) -> None:
    identity = TopicIdWatcher(own, own.topic_customers)
    identity.check_now()
    identity.check_now()
    delete(admin, own.topic_customers)
    eventually(lambda: made(admin, own.topic_customers))

    def is_told() -> bool:
        try:
            identity.check_now()
        except TopicUnavailable as told:
            return "was deleted and made again while it was read" in str(told)
        return False  # the broker that was asked has not heard of it

    eventually(is_told)


def has_read(admin: AdminClient, settings: ScorerSettings, offset: int) -> bool:
    """Whether the group's offset is now this one; its coordinator may still be loading."""
    group = settings.scorer_group
    place = TopicPartition(settings.topic_customers, 0, offset)
    try:
        altered = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [place])])
        altered[group].result()
        listed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        found = listed[group].result().topic_partitions
    except KafkaException:
        return False
    return [(each.partition, each.offset) for each in found] == [(0, offset)]


def made(admin: AdminClient, topic: str) -> bool:
    (created,) = admin.create_topics([NewTopic(topic, 4, 1)], operation_timeout=10).values()
    try:
        created.result()
    except KafkaException:
        return False  # the broker has not wholly deleted it
    return True
