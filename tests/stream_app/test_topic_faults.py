"""Deleted records, lost offsets, and a topic that was deleted or created again."""

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
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import (
    await_worker_error,
    delete_topic,
    prediction_offsets,
    worker_process,
)


@pytest.fixture
def admin(worker_settings: ScorerSettings) -> AdminClient:
    ensure_topics(worker_settings, topics(worker_settings))
    return AdminClient({"bootstrap.servers": worker_settings.kafka_bootstrap})


def write(settings: ScorerSettings, count: int) -> None:
    produce(
        settings.kafka_bootstrap, settings.topic_customers, [MINIMAL_RECORD] * count, partition=0
    )


def offsets(settings: ScorerSettings, until: int) -> Sequence[int]:
    return [offset for _, offset in prediction_offsets(settings, until=until)]


def test_records_deleted_before_they_were_read_are_counted_and_the_others_scored(
    worker_settings: ScorerSettings, admin: AdminClient
) -> None:
    with worker_process(worker_settings) as process:
        write(worker_settings, 100)
        offsets(worker_settings, until=100)
        process.terminate()
        assert process.wait(90) == 0
    write(worker_settings, 50)
    (deleted,) = admin.delete_records(
        [TopicPartition(worker_settings.topic_customers, 0, 120)]
    ).values()
    deleted.result()
    with worker_process(worker_settings):
        assert offsets(worker_settings, until=130) == [*range(100), *range(120, 150)]
        metrics = scrape("127.0.0.1", worker_settings.scorer_port)
        assert metrics.total("intent_scorer_skipped_records_total") == 20


@pytest.mark.parametrize("lost", [False, True], ids=["beyond the end", "lost"])
def test_group_without_valid_offsets_reads_all_records(
    worker_settings: ScorerSettings, admin: AdminClient, lost: bool
) -> None:
    write(worker_settings, 10)
    if not lost:
        eventually(lambda: is_committed(admin, worker_settings, 1_000), deadline=60)
    with worker_process(worker_settings):
        assert offsets(worker_settings, until=10) == [*range(10)]


def test_worker_whose_topic_is_deleted_ends_with_one_line(
    worker_settings: ScorerSettings, admin: AdminClient
) -> None:
    with worker_process(worker_settings) as process:
        write(worker_settings, 10)
        offsets(worker_settings, until=10)
        delete_topic(admin, worker_settings.topic_customers)
        code, error = await_worker_error(process, deadline=30)
    assert code == 5
    assert error.startswith(f"topic {worker_settings.topic_customers} was deleted")


def test_worker_whose_topic_is_created_again_skips_no_records(
    worker_settings: ScorerSettings, admin: AdminClient
) -> None:
    with worker_process(worker_settings) as process:
        write(worker_settings, 10)
        offsets(worker_settings, until=10)
        delete_topic(admin, worker_settings.topic_customers)
        eventually(lambda: is_created(admin, worker_settings.topic_customers))
        code, error = await_worker_error(process, deadline=30)
    assert code == 5
    assert error.startswith(f"topic {worker_settings.topic_customers} ")
    write(worker_settings, 20)
    with worker_process(worker_settings):
        assert offsets(worker_settings, until=30) == sorted([*range(10), *range(20)])


def test_topic_that_was_created_again_is_detected_by_its_id(
    worker_settings: ScorerSettings, admin: AdminClient
) -> None:
    watcher = TopicIdWatcher(worker_settings, worker_settings.topic_customers)
    watcher.check_now()
    watcher.check_now()
    delete_topic(admin, worker_settings.topic_customers)
    eventually(lambda: is_created(admin, worker_settings.topic_customers))

    def is_detected() -> bool:
        try:
            watcher.check_now()
        except TopicUnavailable as error:
            return "was deleted and created again while it was read" in str(error)
        return False  # this broker does not know the new topic yet

    eventually(is_detected)


def is_committed(admin: AdminClient, settings: ScorerSettings, offset: int) -> bool:
    """Commits an offset of the group; False while its coordinator is loading."""
    group = settings.scorer_group
    place = TopicPartition(settings.topic_customers, 0, offset)
    try:
        altered = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [place])])
        altered[group].result()
        listed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        committed = listed[group].result().topic_partitions
    except KafkaException:
        return False
    return [(each.partition, each.offset) for each in committed] == [(0, offset)]


def is_created(admin: AdminClient, topic: str) -> bool:
    (created,) = admin.create_topics([NewTopic(topic, 4, 1)], operation_timeout=10).values()
    try:
        created.result()
    except KafkaException:
        return False  # the broker has not deleted it completely
    return True
