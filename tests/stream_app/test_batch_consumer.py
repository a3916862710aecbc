"""Uncommitted batches are read again, from the group's committed offsets."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from contract import kafka
from contract.errors import WorkerFailed
from contract.kafka import ensure_topics
from contract.partition_watch import PartitionEnd
from contract.settings import load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.network import free_ports
from intent.local.settings import LocalSettings
from stream_app.metrics import ScorerMetrics
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch, BatchConsumer
from stream_app.transport.transactional_producer import TransactionAborted, TransactionalProducer
from tests.support.builders import eventually, produce
from tests.support.fixtures import SettingsFor
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets
from tests.support.scoring import LIMITS, NOW, AgeModel


@pytest.fixture
def settings(settings_for: SettingsFor) -> ScorerSettings:
    made = settings_for(ScorerSettings, batch_max_records=10)
    made = made.model_copy(update={"scorer_group": made.topic_customers})
    ensure_topics(made, topics(made))
    produce(made.kafka_bootstrap, made.topic_customers, [MINIMAL_RECORD] * 40, partition=2)
    return made


@pytest.fixture
def consumer(settings: ScorerSettings) -> Iterator[BatchConsumer]:
    consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    yield consumer
    consumer.close()


@pytest.fixture
def producer(settings: ScorerSettings) -> TransactionalProducer:
    producer = TransactionalProducer(settings, topics(settings))
    producer.init_transactions()
    return producer


def read_batch(consumer: BatchConsumer) -> Batch:
    batches: list[Batch] = []

    def take() -> bool:
        batch = consumer.poll_batch(0.1)
        if batch is not None:
            batches.append(batch)
        return bool(batches)

    eventually(take)
    return batches[0]


def first(batch: Batch) -> int:
    return batch.messages[0].offset()


def write(producer: TransactionalProducer, batch: Batch) -> None:
    producer.begin_batch(score_batch(batch.messages, AgeModel(), NOW, LIMITS))


def test_first_batch_of_a_new_member_is_committed_at_once(
    settings: ScorerSettings, producer: TransactionalProducer, consumer: BatchConsumer
) -> None:
    batch = read_batch(consumer)
    assert batch.group == consumer._consumer.consumer_group_metadata()
    write(producer, batch)
    producer.commit_batch(batch)
    offsets = range(len(batch.messages))
    assert prediction_offsets(settings, until=len(offsets)) == [(2, offset) for offset in offsets]


def test_skipped_tombstones_are_read_again_after_a_rewind(settings_for: SettingsFor) -> None:
    settings = settings_for(ScorerSettings, tombstones="skip")
    settings = settings.model_copy(update={"scorer_group": settings.topic_customers})
    ensure_topics(settings, topics(settings))
    values = [None, MINIMAL_RECORD, None]
    produce(settings.kafka_bootstrap, settings.topic_customers, values, partition=1)
    produce(settings.kafka_bootstrap, settings.topic_customers, [None], partition=2)
    consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())

    def read_all_batches() -> list[Batch]:
        batches: list[Batch] = []
        while sum(len(each.messages) + len(each.tombstones) for each in batches) < 4:
            batches.append(read_batch(consumer))
        return batches

    def places(batches: list[Batch], kind: str) -> set[tuple[int, int]]:
        messages = (message for batch in batches for message in getattr(batch, kind))
        return {(message.partition(), message.offset()) for message in messages}

    first_read = read_all_batches()
    consumer.rewind(first_read)
    for batches in (first_read, read_all_batches()):
        assert places(batches, "messages") == {(1, 1)}
        assert places(batches, "tombstones") == {(1, 0), (1, 2), (2, 0)}
        next_offsets = {
            place.partition: place.offset for batch in batches for place in batch.next_offsets
        }
        assert next_offsets == {1: 3, 2: 1}
    consumer.close()


def test_batch_of_a_member_that_has_left_is_not_written(
    settings: ScorerSettings, producer: TransactionalProducer
) -> None:
    consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    batch = read_batch(consumer)
    consumer.close()
    write(producer, batch)
    with pytest.raises(TransactionAborted):
        producer.commit_batch(batch)


def test_member_that_rejoins_reads_uncommitted_records_again(
    settings: ScorerSettings, consumer: BatchConsumer, producer: TransactionalProducer
) -> None:
    def is_out() -> bool:
        consumer._consumer.poll(0.1)
        return not consumer._consumer.memberid()

    read = read_batch(consumer)
    consumer._consumer.unsubscribe()  # as if its session had timed out
    eventually(is_out)
    consumer._no_member = consumer._consumer.consumer_group_metadata()
    assert consumer.poll_batch(0) is None
    assert consumer._group == read.group  # offsets without a member would be accepted
    consumer._consumer.subscribe([settings.topic_customers], on_assign=consumer._on_assign)
    again = read_batch(consumer)
    assert first(again) == first(read)  # another member may have what it had read
    write(producer, again)
    producer.commit_batch(again)


def test_group_waits_for_a_member_that_does_not_rejoin_no_longer_than_the_watchdog(
    settings: ScorerSettings,
) -> None:
    settings = settings.model_copy(update={"progress_timeout": 1.0})
    stuck = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    read_batch(stuck)  # and polls no more
    other = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())

    def has_all() -> bool:
        other.poll_batch(0.1)
        return other.assigned_partitions() == {0, 1, 2, 3}

    eventually(has_all, deadline=60)  # the client's default is 300
    other.close()
    stuck.close()


class Leaderless(Consumer):
    """A consumer of a new partition that has no leader yet."""

    leaderless = True

    def get_watermark_offsets(self, *args: Any, **named: Any) -> Any:
        if self.leaderless:
            raise KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION))
        return super().get_watermark_offsets(*args, **named)


@pytest.mark.parametrize("committed", [None, 25], ids=["nothing", "something"])
def test_partition_without_a_leader_is_read_once_it_has_one(
    settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch, committed: int | None
) -> None:
    if committed is not None:
        place = TopicPartition(settings.topic_customers, 2, committed)
        kafka.create_consumer(settings, settings.scorer_group).commit(
            offsets=[place], asynchronous=False
        )
    monkeypatch.setattr(kafka, "Consumer", Leaderless)
    consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    eventually(
        lambda: (
            consumer.poll_batch(0.1) is None
            and consumer.partitions_with_records({}) == {0, 1, 2, 3}
        )
    )
    monkeypatch.setattr(Leaderless, "leaderless", False)
    assert first(read_batch(consumer)) == (committed or 0)
    consumer.close()


class Hasty(Leaderless):
    """A consumer that fetches from a partition before it is paused."""

    def pause(self, *_: Any) -> None:
        """Has no effect."""


@pytest.mark.parametrize("committed", [None, 35], ids=["nothing", "something"])
def test_partition_whose_oldest_records_were_deleted_is_read(
    settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch, committed: int | None
) -> None:
    topic = settings.topic_customers
    if committed is not None:
        place = TopicPartition(topic, 2, committed)
        kafka.create_consumer(settings, settings.scorer_group).commit(
            offsets=[place], asynchronous=False
        )
    admin = kafka.create_admin_client(settings)  # if it were destroyed, its requests would be too
    (deleted,) = admin.delete_records([TopicPartition(topic, 2, 30)]).values()
    deleted.result(60)
    monkeypatch.setattr(kafka, "Consumer", Hasty)
    consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    eventually(lambda: consumer.poll_batch(0.1) is None and consumer._stopped == {2})
    monkeypatch.setattr(Hasty, "leaderless", False)
    batch = read_batch(consumer)
    assert first(batch) == (committed or 30)
    consumer.rewind([batch])
    assert first(read_batch(consumer)) == (committed or 30)
    consumer.close()


def test_partition_whose_offsets_are_in_an_open_transaction_waits_and_the_others_do_not(
    settings: ScorerSettings, producer: TransactionalProducer
) -> None:
    before = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    batch = read_batch(before)
    write(producer, batch)
    producer._producer.send_offsets_to_transaction(batch.next_offsets, batch.group)
    before.close()
    produce(settings.kafka_bootstrap, settings.topic_customers, [MINIMAL_RECORD], partition=0)
    after = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())
    assert {message.partition() for message in read_batch(after).messages} == {0}
    assert after.partitions_with_records({}) == {2}
    assert not after.start_offsets_resolved
    producer._producer.abort_transaction()
    again = read_batch(after)
    assert (again.messages[0].partition(), first(again)) == (2, 0)
    assert after.start_offsets_resolved
    after.close()


def test_partitions_that_are_assigned_while_the_broker_crashes_are_read_once_it_is_back(
    tmp_path: Path,
) -> None:
    port = free_ports("127.0.0.1", 1)[0]
    cache = load(LocalSettings).cache_dir
    with LocalBroker(tmp_path / "broker", cache, tmp_path / "broker.log", port) as broker:
        settings = load(ScorerSettings, kafka_bootstrap=broker.bootstrap, data_dir=tmp_path)
        ensure_topics(settings, topics(settings))
        for partition in range(4):
            produce(
                broker.bootstrap, settings.topic_customers, [MINIMAL_RECORD], partition=partition
            )
        consumer = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())

        def is_joined() -> bool:
            consumer.poll_batch(0)  # resolves no start offset yet
            return consumer.has_assignment

        eventually(is_joined, deadline=60)
        os.kill(broker.process.pid, signal.SIGKILL)
        eventually(lambda: broker.process.exit_code is not None)
        assert consumer.poll_batch(0.1) is None
        broker.launch()
        broker.wait()
        read: set[int] = set()

        def read_all() -> bool:
            batch = consumer.poll_batch(0.1)
            read.update(place.partition for place in (batch.next_offsets if batch else ()))
            return read == {0, 1, 2, 3}

        eventually(read_all, deadline=60, describe=lambda: str(read))
        consumer.close()


def test_lag_counts_neither_markers_nor_what_a_transaction_holds_back(
    settings: ScorerSettings, consumer: BatchConsumer
) -> None:
    def lag() -> dict[int, int]:
        consumer.poll_batch(0.1)
        return consumer.lag()

    eventually(lambda: lag() == {0: 0, 1: 0, 2: 0, 3: 0})
    upstream = Producer(
        {"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": settings.scorer_group}
    )
    upstream.init_transactions(30)
    for commit in (True, False):
        upstream.begin_transaction()
        upstream.produce(settings.topic_customers, MINIMAL_RECORD, partition=1)
        upstream.flush(30)
        if commit:
            upstream.commit_transaction(30)
    eventually(
        lambda: lag()[1] == 0 and consumer.partition_ends[1] == PartitionEnd(last_stable=2, end=3)
    )
    assert consumer._next_offsets[1] == 1  # the marker after it is not a record
    upstream.abort_transaction(30)
    eventually(
        lambda: lag()[1] == 0 and consumer.partition_ends[1] == PartitionEnd(last_stable=4, end=4)
    )


def test_uncommitted_batch_and_all_after_it_are_read_again(
    consumer: BatchConsumer,
) -> None:
    one = read_batch(consumer)
    two = read_batch(consumer)
    assert (first(one), first(two)) == (0, len(one.messages))
    consumer.rewind([one, two])
    assert first(read_batch(consumer)) == 0


def test_batch_that_another_member_committed_meanwhile_is_not_read_again(
    settings: ScorerSettings, consumer: BatchConsumer
) -> None:
    batch = read_batch(consumer)
    place = TopicPartition(settings.topic_customers, 2, 25)
    consumer._consumer.commit(offsets=[place], asynchronous=False)  # as the other member did
    consumer.rewind([batch])
    assert first(read_batch(consumer)) == 25


def test_client_that_goes_back_by_itself_stops_the_worker(
    settings: ScorerSettings, consumer: BatchConsumer
) -> None:
    read_batch(consumer)
    consumer._consumer.seek(TopicPartition(settings.topic_customers, 2, 0))
    with pytest.raises(WorkerFailed, match="went back in partition 2, from offset"):
        read_batch(consumer)


def test_client_that_loses_its_position_stops_the_worker(
    consumer: BatchConsumer,
) -> None:
    assert first(read_batch(consumer)) == 0
    consumer._consumer.seek(
        TopicPartition(consumer._topic, 2, 10_000)
    )  # as if the log were truncated

    def stops() -> bool:
        try:
            batch = consumer.poll_batch(0.1)
        except WorkerFailed as failure:
            return "lost its position" in str(failure)
        assert batch is None or first(batch) > 0, "it restarted at offset 0"
        return False

    eventually(stops)
