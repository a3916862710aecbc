"""Estimates of the records between two offsets, and a lag that counts records alone."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Producer, TopicPartition

from contract import kafka
from contract.topics import topics
from monitoring.consumer import StreamConsumer
from monitoring.live.offsets import OffsetReader
from monitoring.settings import MonitoringSettings
from monitoring.windows.position import MAX_OFFSETS, Position
from tests.support.builders import eventually
from tests.support.fixtures import SettingsFor


def test_without_transactions_each_offset_is_a_record() -> None:
    position = Position().after_records(10, 5, 14).after_records(3, 15, 17)
    assert position.estimate_records(18, 30) == 12
    assert position.estimate_records(30, 18) == 0


def test_of_transactions_of_one_record_each_every_other_offset_is_one() -> None:
    position = Position()
    for record in range(0, 5_000, 2):
        position = position.after_records(1, record, record)
    assert position.offsets <= MAX_OFFSETS
    assert position.estimate_records(4_999, 5_000) == 0, "the last one's marker"
    assert position.estimate_records(4_999, 5_100) == 50


def test_nothing_follows_the_last_record_of_a_partition_that_was_read_to_its_end() -> None:
    position = Position().after_records(10, 0, 9).at_end(25)
    assert position.estimate_records(10, 25) == 0
    assert position.estimate_records(9, 25) <= 1
    assert position.estimate_records(10, 125) == 100 * 10 // 25, "of what came since, as before"


class Upstream:
    """A producer that commits each record in a transaction of its own, to one partition."""

    def __init__(self, settings: MonitoringSettings) -> None:
        self._topic = settings.topic_customers
        self._producer = Producer(
            {"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": self._topic}
        )
        self._producer.init_transactions(30)

    def publish(self, records: int) -> None:
        for _ in range(records):
            self._producer.begin_transaction()
            self._producer.produce(self._topic, b"{}", partition=0)
            self._producer.commit_transaction(30)


@pytest.fixture
def settings(settings_for: SettingsFor) -> MonitoringSettings:
    made = settings_for(MonitoringSettings)
    kafka.ensure_topics(made, topics(made))
    return made


@pytest.fixture
def consumer(settings: MonitoringSettings) -> Iterator[StreamConsumer]:
    with closing(StreamConsumer(settings, [topics(settings).customers])) as made:
        yield made


def scored(settings: MonitoringSettings, offset: int) -> None:
    """Commits this offset of partition 0 as the scorer."""
    group = kafka.create_consumer(settings, settings.scorer_group)
    with closing(group):
        partition = TopicPartition(settings.topic_customers, 0, offset)
        group.commit(offsets=[partition], asynchronous=False)


def test_transactions_of_one_record_each_are_counted_as_records(
    settings: MonitoringSettings, consumer: StreamConsumer
) -> None:
    settings = settings.model_copy(update={"scorer_group": settings.topic_customers})
    upstream = Upstream(settings)
    reader = OffsetReader(settings, settings.topic_customers, settings.scorer_group)
    read: list[int] = []

    def reads(count: int) -> bool:
        read.extend(each for batch in consumer.poll(0.1) for each in batch.offsets)
        return (
            len(read) == count and (settings.topic_customers, 0) not in consumer.unread_partitions()
        )

    upstream.publish(20)
    eventually(lambda: reads(20))
    assert max(consumer.lag().values()) == 0
    scored(settings, read[-1] + 1)
    positions = {partition[1]: each for partition, each in consumer.positions().items()}
    before = reader.read_totals(positions)
    assert before.lag == 0

    upstream.publish(20)
    # a commit is answered before the broker has ended the transaction everywhere
    eventually(lambda: reader.read_totals(positions).lag == 20)
    after = reader.read_totals(positions)
    assert after.produced - before.produced == pytest.approx(20, abs=1)
