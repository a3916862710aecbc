"""Ends of partitions and open transactions are known, also after a broker crash."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contract.kafka import ensure_topics
from contract.kafka_security import kafka_python_admin
from contract.partition_watch import HELD_AFTER, PartitionEnd, PartitionWatch, TopicAndPartition
from contract.settings import Settings, load
from contract.topics import topics
from intent.doctor.services import find_open_transactions
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from tests.support.builders import eventually, produce
from tests.support.transactions import open_transaction


@pytest.fixture
def upstream(settings: Settings) -> Producer:
    """A transactional producer with a transaction of one record, in partition 1, that is open."""
    ensure_topics(settings, topics(settings))
    produce(settings.kafka_bootstrap, settings.topic_customers, [b"{}"] * 3, partition=1)
    return open_transaction(settings, b"{}", partition=1)


def producer_id(settings: Settings) -> int:
    with kafka_python_admin(settings) as client:
        described = client.describe_transactions([settings.topic_customers])
    return int(described[settings.topic_customers].producer_id)


def knows(watch: PartitionWatch, place: TopicAndPartition, end: int) -> bool:
    watch.poll(100)
    return watch.ends.get(place) == PartitionEnd(last_stable=end, end=end)


def test_open_transaction_is_named_once_it_holds_a_partition_back_and_until_it_ends(
    settings: Settings, upstream: Producer
) -> None:
    watch = PartitionWatch(settings)
    place = settings.topic_customers, 1
    watch.watch_partitions([(settings.topic_customers, number) for number in range(4)])
    watch.poll(100)
    assert watch.ends[place] == PartitionEnd(last_stable=3, end=4)
    assert not watch.open_transactions
    watch.poll(100 + HELD_AFTER)
    (held,) = watch.open_transactions
    assert (held.topic, held.partition, held.offset) == (*place, 3)
    assert held.producer_id == producer_id(settings)
    assert held.seconds == HELD_AFTER
    upstream.commit_transaction(30)
    eventually(lambda: knows(watch, place, 5))
    assert watch.open_transactions == ()


def test_transaction_after_transaction_holds_nothing_back(
    settings: Settings, upstream: Producer
) -> None:
    watch = PartitionWatch(settings)
    watch.watch_partitions([(settings.topic_customers, 1)])
    for now in range(100, 120):
        watch.poll(now)
        assert watch.ends[settings.topic_customers, 1].is_held
        upstream.commit_transaction(30)
        upstream.begin_transaction()
        upstream.produce(settings.topic_customers, b"{}", partition=1)
        upstream.flush(30)
    assert watch.open_transactions == ()


def test_doctor_names_the_open_transaction(settings: Settings, upstream: Producer) -> None:
    (held,) = find_open_transactions(settings, [(settings.topic_customers, 1)])
    assert f"producer id {producer_id(settings)} " in held.describe()
    upstream.abort_transaction(30)
    assert find_open_transactions(settings, [(settings.topic_customers, 1)]) == ()


def test_watch_resumes_after_a_killed_broker_restarts(tmp_path: Path) -> None:
    cache = load(LocalSettings).cache_dir
    broker = LocalBroker(tmp_path / "broker", cache, tmp_path / "broker.log")
    with broker:
        port = int(broker.bootstrap.rpartition(":")[2])
        settings = load(Settings, kafka_bootstrap=broker.bootstrap, data_dir=tmp_path)
        customers = topics(settings).customers
        ensure_topics(settings, [customers])
        watch = PartitionWatch(settings)
        watch.watch_partitions([(customers.name, 0)])
        for written in (0, 1, 2):
            if written:
                produce(broker.bootstrap, customers.name, [b"{}"], partition=0)
            eventually(partial(knows, watch, (customers.name, 0), written))
            os.kill(broker.process.pid, signal.SIGKILL)
            eventually(lambda: broker.process.exit_code is not None)
            broker._port = port
            broker.launch()
            broker.wait()
