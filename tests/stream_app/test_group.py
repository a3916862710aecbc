"""Workers join and leave the group; partitions are added."""

import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from contract.kafka import ensure_topics
from contract.topics import topics
from intent.local.scrape import scrape
from stream_app.settings import ScorerSettings
from tests.stream_app.chaos.fleet import Fleet, Worker
from tests.support.builders import eventually, produce
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets, with_changes

pytestmark = pytest.mark.alone

SESSION = 40
"""Session timeout in seconds. The tests must not wait for it."""


@pytest.fixture
def fleet(worker_settings: ScorerSettings) -> Iterator[Fleet]:
    """For a `customers` of one partition."""
    ensure_topics(worker_settings, [replace(topics(worker_settings).customers, partitions=1)])
    settings = with_changes(worker_settings, session_timeout=SESSION, batch_max_records=1_000)
    with Fleet(settings, Random(3)) as fleet:
        yield fleet


def scored(worker: Worker) -> float:
    metrics = scrape("127.0.0.1", worker.settings.scorer_port)
    return metrics.total("intent_scorer_records_total")


def test_spare_worker_is_ready_and_takes_over_at_once_from_one_that_is_stopped(
    fleet: Fleet, worker_settings: ScorerSettings
) -> None:
    workers = [fleet.join(), fleet.join()]
    for worker in workers:
        eventually(worker.is_ready, deadline=60)
    count = 40_000
    produce(
        worker_settings.kafka_bootstrap,
        worker_settings.topic_customers,
        [MINIMAL_RECORD] * count,
        deadline=60,
    )
    eventually(lambda: any(scored(worker) for worker in workers))
    busy, spare = sorted(workers, key=scored, reverse=True)
    assert scored(spare) == 0, "the only partition is read by one"
    asked = time.monotonic()
    busy.process.terminate()
    busy.process.wait(60)
    log = busy.words()
    assert busy.process.returncode == 0, log  # 10 if it gave up its batch
    fleet.workers.remove(busy)
    produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
    eventually(lambda: scored(spare) > 0, deadline=SESSION / 2)
    assert time.monotonic() - asked < SESSION / 2
    assert len(set(prediction_offsets(worker_settings, until=count + 1))) == count + 1
    assert len(prediction_offsets(worker_settings)) == count + 1


def test_partition_that_is_added_is_read_from_its_first_record(
    fleet: Fleet, worker_settings: ScorerSettings
) -> None:
    worker = fleet.join()
    eventually(worker.is_ready, deadline=60)
    admin = AdminClient({"bootstrap.servers": worker_settings.kafka_bootstrap})
    (added,) = admin.create_partitions([NewPartitions(worker_settings.topic_customers, 2)]).values()
    added.result()
    produce(
        worker_settings.kafka_bootstrap,
        worker_settings.topic_customers,
        [MINIMAL_RECORD] * 3,
        partition=1,
    )
    assert prediction_offsets(worker_settings, until=3) == [(1, 0), (1, 1), (1, 2)]
