"""A worker whose partitions were reassigned can no longer write."""

import signal
import time
from collections.abc import Iterator
from random import Random

import pytest

from contract.kafka_security import kafka_python_admin
from intent.local.scrape import scrape
from stream_app.settings import ScorerSettings
from tests.stream_app.chaos.fleet import Fleet, Worker
from tests.support.builders import eventually, produce
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets, with_changes

pytestmark = pytest.mark.alone

LASTS = 2_000
"""Milliseconds. A transaction takes about 30, one request a few."""


@pytest.fixture
def fleet(worker_settings: ScorerSettings) -> Iterator[Fleet]:
    settings = with_changes(worker_settings, batch_max_records=1_000, transaction_timeout=20)
    with Fleet(settings, Random(2)) as fleet:
        yield fleet


def joined(fleet: Fleet, name: str) -> Worker:
    worker = fleet.join(name)
    eventually(worker.is_ready, deadline=60)
    return worker


def aborted(worker: Worker) -> float:
    metrics = scrape("127.0.0.1", worker.settings.scorer_port)
    return metrics.total("intent_scorer_transactions_total", result="aborted")


def asleep_in_a_transaction(worker: Worker) -> bool:
    """Stops the process; one that has no transaction open goes on.

    What it sent before its stop may yet end the transaction. One that is open for longer than any
    request takes stays open.
    """
    worker.process.send_signal(signal.SIGSTOP)
    name = f"{worker.settings.scorer_group}-{worker.settings.worker_id}"
    with kafka_python_admin(worker.settings) as admin:
        while (found := admin.describe_transactions([name])[name]).state == "Ongoing":
            if time.time() * 1000 - found.transaction_start_time_ms > LASTS:
                return True
    worker.process.send_signal(signal.SIGCONT)
    return False


def each_has_one_answer(settings: ScorerSettings, count: int) -> None:
    found = prediction_offsets(settings, until=count)
    assert len(set(found)) == count
    assert len(prediction_offsets(settings)) == count


def test_second_worker_of_the_same_name_ends_the_first(
    fleet: Fleet, worker_settings: ScorerSettings
) -> None:
    first = joined(fleet, "same")
    produce(
        worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD] * 1_000
    )
    prediction_offsets(worker_settings, until=1_000)
    joined(fleet, "same")
    produce(
        worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD] * 5_000
    )
    assert first.process.wait(180) == 10
    (error,) = (line for line in first.words().splitlines() if line.startswith("error: "))
    assert "INTENT_WORKER_ID" in error
    fleet.workers.remove(first)
    each_has_one_answer(worker_settings, 6_000)


def test_worker_that_resumes_after_its_partitions_were_reassigned_writes_nothing(
    fleet: Fleet, worker_settings: ScorerSettings
) -> None:
    count = 60_000
    sleeper = joined(fleet, "sleeper")
    produce(
        worker_settings.kafka_bootstrap,
        worker_settings.topic_customers,
        [MINIMAL_RECORD] * count,
        deadline=60,
    )
    prediction_offsets(worker_settings, until=1)
    eventually(lambda: asleep_in_a_transaction(sleeper), every=0)
    joined(fleet, "other")
    produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD] * 4)
    other = fleet.workers[-1]
    eventually(lambda: metric(other, "intent_scorer_records_total") > 0, deadline=90)
    sleeper.process.send_signal(signal.SIGCONT)
    eventually(
        lambda: sleeper.has_ended() or aborted(sleeper) > 0,
        deadline=90,
        describe=sleeper.words_so_far,
    )
    each_has_one_answer(worker_settings, count + 4)


def metric(worker: Worker, name: str) -> float:
    return scrape("127.0.0.1", worker.settings.scorer_port).total(name)
