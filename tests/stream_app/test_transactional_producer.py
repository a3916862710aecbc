"""Faults that abort a transaction, and which of them end the worker."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from kafka import KafkaAdminClient

from contract import kafka
from contract.errors import WorkerFailed
from contract.kafka_security import kafka_python_admin
from contract.settings import Settings, load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch
from stream_app.transport.transactional_producer import (
    MessageTooLarge,
    TransactionAborted,
    TransactionalProducer,
)
from tests.stream_app.models.traffic import predictions
from tests.support.builders import eventually
from tests.support.scorer import delete_topic, stale_membership
from tests.support.scorer_parts import OpenParts
from tests.support.scoring import LIMITS, NOW, AgeModel, StubModel, a_message

LINGER_MS = 5_000
"""Time between adding a partition to a transaction and sending its messages."""


EXPIRATION_MS = 5_000
"""Expiration of a transactional id; a week by default."""


@pytest.fixture(scope="module", params=[0, 2], ids="transaction.version={}".format, name="kafka")
def own_kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A broker with the first version of transactions, as in Redpanda, or the newest."""
    folder = tmp_path_factory.mktemp("broker")
    with LocalBroker(
        folder / "broker",
        load(LocalSettings).cache_dir,
        folder / "broker.log",
        transactional_id_expiration_ms=EXPIRATION_MS,
        transaction_remove_expired_transaction_cleanup_interval_ms=500,
    ) as broker:
        with kafka_python_admin(load(Settings, kafka_bootstrap=broker.bootstrap)) as client:
            change = ("upgrade", 2) if request.param else ("safe_downgrade", 0)
            client.update_features({"transaction.version": change})
            chosen = client.describe_features()["transaction.version"].get("finalized", (0, 0))
            assert chosen[1] == request.param
        yield broker.bootstrap


def test_topic_deleted_during_a_transaction_does_not_end_the_worker(
    worker_settings: ScorerSettings, monkeypatch: pytest.MonkeyPatch, open_parts: OpenParts
) -> None:
    monkeypatch.setattr(kafka, "_PRODUCER", {**kafka._PRODUCER, "linger.ms": LINGER_MS})
    settings = worker_settings.model_copy(update={"transaction_timeout": 10})
    kafka.ensure_topics(settings, topics(settings))
    parts = open_parts(settings)
    producer = parts.producer
    stale_membership(settings)  # waits for the group coordinator
    message = a_message(topic=settings.topic_customers)
    shadowed = score_batch([message], AgeModel(), NOW, LIMITS, StubModel([0.9]))
    batch = Batch(
        [message],
        [TopicPartition(settings.topic_customers, 2, 41)],
        parts.consumer._consumer.consumer_group_metadata(),
        full=False,
    )
    producer.begin_batch(shadowed)
    producer.commit_batch(batch)
    producer.begin_batch(shadowed)
    # once this is answered, the partitions are in the transaction
    producer._producer.send_offsets_to_transaction(batch.next_offsets, batch.group)
    delete_topic(kafka.create_admin_client(settings), topics(settings).shadow.name)
    with pytest.raises(TransactionAborted):
        producer.commit_batch(batch)
    producer.begin_batch(shadowed)
    producer._producer.flush(20)  # rejected before anything is in the transaction
    with pytest.raises(TransactionAborted):
        producer.commit_batch(batch)
    producer.begin_batch(replace(shadowed, shadow=None))
    producer.commit_batch(batch)
    assert len(predictions(settings, settings.topic_predictions, 2)) == 2


def test_worker_idle_beyond_the_expiration_of_its_transactional_id_continues(
    worker_settings: ScorerSettings, batch: Batch
) -> None:
    producer = TransactionalProducer(worker_settings, topics(worker_settings))
    producer.init_transactions()
    commit(producer, batch)
    with kafka_python_admin(worker_settings) as client:
        eventually(lambda: not is_known(worker_settings, client), deadline=60)
    with pytest.raises(TransactionAborted):
        commit(producer, batch)
    commit(producer, batch)
    assert len(predictions(worker_settings, worker_settings.topic_predictions, 2)) == 2


def test_too_large_a_message_is_named_whenever_it_is_rejected(
    worker_settings: ScorerSettings, batch: Batch
) -> None:
    producer = TransactionalProducer(worker_settings, topics(worker_settings))
    producer.init_transactions()
    scored = score_batch(batch.messages, AgeModel(), NOW, LIMITS)
    large = scored.predictions[0].copy()
    large["key"] = Random(1).randbytes(1_500_000)  # not compressible
    reasons = []
    for attempt in range(32):
        producer.begin_batch(replace(scored, predictions=[large]))
        time.sleep(attempt % 16 / 1000)  # so that some are rejected while offsets are sent
        with pytest.raises((MessageTooLarge, TransactionAborted)) as raised:
            producer.commit_batch(batch)
        reasons.append(str(raised.value))
    assert any("max.message.bytes" in each for each in reasons)
    assert not [each for each in reasons if "Erroneous state" in each]


def is_known(settings: ScorerSettings, client: KafkaAdminClient) -> bool:
    """Whether the broker still has the worker's transactional id."""
    name = f"{settings.scorer_group}-{settings.worker_id}"
    by_broker = client.list_transactions().values()
    return any(each.transactional_id == name for transactions in by_broker for each in transactions)


@pytest.fixture
def batch(worker_settings: ScorerSettings) -> Iterator[Batch]:
    """One record, read under a valid membership."""
    kafka.ensure_topics(worker_settings, topics(worker_settings))
    consumer = kafka.create_consumer(worker_settings, worker_settings.scorer_group)
    consumer.subscribe([worker_settings.topic_customers])
    eventually(lambda: consumer.poll(0.1) or consumer.assignment(), deadline=60)
    message = a_message(topic=worker_settings.topic_customers)
    place = TopicPartition(worker_settings.topic_customers, 2, 42)
    yield Batch([message], [place], consumer.consumer_group_metadata(), full=False)
    consumer.close()


def commit(producer: TransactionalProducer, batch: Batch) -> None:
    producer.begin_batch(score_batch(batch.messages, AgeModel(), NOW, LIMITS))
    producer.commit_batch(batch)


class Hanging(Producer):
    """A producer whose first `send_offsets_to_transaction` hangs, as after a broker crash."""

    hangs = True

    def send_offsets_to_transaction(self, *args: Any, **named: Any) -> Any:
        if Hanging.hangs:
            Hanging.hangs = False
            threading.Event().wait()
        return super().send_offsets_to_transaction(*args, **named)


def test_client_call_that_does_not_return_is_left_behind_and_its_batch_read_again(
    worker_settings: ScorerSettings, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hanging, "hangs", True)
    monkeypatch.setattr(kafka, "Producer", Hanging)
    settings = worker_settings.model_copy(update={"transaction_timeout": 1})
    producer = TransactionalProducer(settings, topics(settings))
    producer.init_transactions()
    with pytest.raises(TransactionAborted):
        commit(producer, batch)
    commit(producer, batch)
    assert len(predictions(settings, settings.topic_predictions, 1)) == 1


def test_transaction_beyond_its_timeout_is_repeated_by_the_same_worker(
    worker_settings: ScorerSettings, batch: Batch
) -> None:
    settings = worker_settings.model_copy(update={"transaction_timeout": 1})
    producer = TransactionalProducer(settings, topics(settings))
    producer.init_transactions()
    commit(producer, batch)
    producer.begin_batch(score_batch(batch.messages, AgeModel(), NOW, LIMITS))
    producer._producer.flush(20)
    name = f"{settings.scorer_group}-{settings.worker_id}"
    with kafka_python_admin(settings) as client:
        eventually(
            lambda: client.describe_transactions([name])[name].state == "CompleteAbort", deadline=60
        )
    with pytest.raises(TransactionAborted):
        producer.commit_batch(batch)
    commit(producer, batch)
    assert len(predictions(settings, settings.topic_predictions, 2)) == 2


def test_fenced_worker_ends(worker_settings: ScorerSettings, batch: Batch) -> None:
    first, second = (
        TransactionalProducer(worker_settings, topics(worker_settings)) for _ in range(2)
    )
    first.init_transactions()
    first.begin_batch(score_batch(batch.messages, AgeModel(), NOW, LIMITS))
    second.init_transactions()
    with pytest.raises(WorkerFailed, match="INTENT_WORKER_ID"):
        first.commit_batch(batch)
