"""Batches that were not committed are read again: from where the group is."""

from collections.abc import Iterator
from typing import NoReturn

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from contract import kafka
from contract.errors import WorkerFailed
from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.metrics import ScorerMetrics
from stream_app.scoring.score import score
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batch, Batches
from stream_app.transport.transactions import Aborted, Transactions
from tests.builders import eventually, produce
from tests.conftest import SettingsFor
from tests.contract.test_codec import MINIMAL
from tests.stream_app.conftest import places
from tests.stream_app.test_scoring import LIMITS, NOW, OldBuy


@pytest.fixture
def settings(settings_for: SettingsFor) -> ScorerSettings:
    made = settings_for(ScorerSettings, batch_records=10)
    made = made.model_copy(update={"scorer_group": made.topic_customers})
    ensure_topics(made, topics(made))
    produce(made.kafka_bootstrap, made.topic_customers, [MINIMAL] * 40, partition=2)
    return made


@pytest.fixture
def batches(settings: ScorerSettings) -> Iterator[Batches]:
    batches = Batches(settings, topics(settings).customers, ScorerMetrics())
    yield batches
    batches.close()


@pytest.fixture
def transactions(settings: ScorerSettings) -> Transactions:
    transactions = Transactions(settings, topics(settings))
    transactions.open()
    return transactions


def taken(batches: Batches) -> Batch:
    found: list[Batch] = []

    def take() -> bool:
        batch = batches.take(0.1)
        if batch is not None:
            found.append(batch)
        return bool(found)

    eventually(take)
    return found[0]


def first(batch: Batch) -> int:
    return batch.messages[0].offset()


def write(transactions: Transactions, batch: Batch) -> None:
    transactions.write(score(batch.messages, OldBuy(), NOW, LIMITS))


def test_batch_of_the_call_that_joins_is_committed_at_once(
    settings: ScorerSettings, transactions: Transactions, batches: Batches
) -> None:
    batch = batches.take(30)
    assert batch is not None
    assert batch.group == batches._consumer.consumer_group_metadata()
    write(transactions, batch)
    transactions.commit(batch)
    offsets = range(len(batch.messages))
    assert places(settings, until=len(offsets)) == [(2, offset) for offset in offsets]


def test_batch_of_the_call_that_joined_is_not_written_by_who_is_no_member_any_more(
    settings: ScorerSettings, transactions: Transactions
) -> None:
    batches = Batches(settings, topics(settings).customers, ScorerMetrics())
    batch = batches.take(30)
    assert batch is not None
    batches.close()
    write(transactions, batch)
    with pytest.raises(Aborted):
        transactions.commit(batch)


def test_batch_of_the_call_that_joins_again_is_aborted_and_then_committed(
    settings: ScorerSettings, batches: Batches, transactions: Transactions
) -> None:
    def is_out() -> bool:
        batches._consumer.poll(0.1)
        return not batches._consumer.memberid()

    read = taken(batches)
    batches._consumer.unsubscribe()  # as where its membership has timed out
    eventually(is_out)
    batches._no_member = batches._consumer.consumer_group_metadata()
    assert batches.take(0) is None
    assert batches._group == read.group  # not that of no member, which the broker may let through
    batches._consumer.subscribe([settings.topic_customers], on_assign=batches._assigned)
    again = batches.take(30)
    assert again is not None
    assert first(again) == first(read)  # what it had read may be another's now
    write(transactions, again)
    with pytest.raises(Aborted):
        transactions.commit(again)
    batches.rewind([again])
    again = taken(batches)
    assert first(again) == first(read)
    write(transactions, again)
    transactions.commit(again)


class Leaderless(Consumer):
    """Of a broker on which a partition that was just made has no leader yet."""

    def get_watermark_offsets(self, *_args: object, **_named: object) -> NoReturn:
        raise KafkaException(KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION))


@pytest.mark.parametrize("committed", [None, 25], ids=["nothing", "something"])
def test_partition_without_a_leader_is_waited_for_where_the_group_has_read(
    settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch, committed: int | None
) -> None:
    if committed is not None:
        place = TopicPartition(settings.topic_customers, 2, committed)
        kafka.consumer(settings, settings.scorer_group).commit(offsets=[place], asynchronous=False)
    monkeypatch.setattr(kafka, "Consumer", Leaderless)
    batches = Batches(settings, topics(settings).customers, ScorerMetrics())
    assert first(taken(batches)) == (committed or 0)
    batches.close()


def test_batch_that_nobody_committed_is_read_again_and_all_after_it(batches: Batches) -> None:
    one = taken(batches)
    two = taken(batches)
    assert (first(one), first(two)) == (0, len(one.messages))
    batches.rewind([one, two])
    assert first(taken(batches)) == 0


def test_batch_that_another_member_committed_meanwhile_is_not_read_again(
    settings: ScorerSettings, batches: Batches
) -> None:
    batch = taken(batches)
    place = TopicPartition(settings.topic_customers, 2, 25)
    batches._consumer.commit(offsets=[place], asynchronous=False)  # as the other one did
    batches.rewind([batch])
    assert first(taken(batches)) == 25


def test_client_that_goes_back_by_itself_stops_the_worker(
    settings: ScorerSettings, batches: Batches
) -> None:
    taken(batches)
    batches._consumer.seek(TopicPartition(settings.topic_customers, 2, 0))
    with pytest.raises(WorkerFailed, match="went back in partition 2, from offset"):
        taken(batches)


def test_client_that_loses_its_place_is_an_error_and_never_begins_anew(batches: Batches) -> None:
    assert first(taken(batches)) == 0
    batches._consumer.seek(TopicPartition(batches._topic, 2, 10_000))  # as if the log were cut

    def stops() -> bool:
        try:
            batch = batches.take(0.1)
        except WorkerFailed as failure:
            return "lost its place" in str(failure)
        assert batch is None or first(batch) > 0, "it began anew"
        return False

    eventually(stops)
