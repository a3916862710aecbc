"""A worker that others took for dead answers nothing twice."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil
import pytest

from stream_app.settings import ScorerSettings
from tests.stream_app.chaos.fleet import Fleet, Worker
from tests.support.builders import eventually, produce
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets, with_changes

pytestmark = pytest.mark.alone

STUCK_WORKER = str(Path(__file__).parents[1] / "stuck_worker.py")


@pytest.fixture
def fleet(worker_settings: ScorerSettings) -> Iterator[Fleet]:
    settings = with_changes(worker_settings, batch_max_records=1_000, transaction_timeout=120)
    with Fleet(settings, Random(2)) as fleet:
        yield fleet


def joined(fleet: Fleet, name: str) -> Worker:
    worker = fleet.join(name)
    eventually(worker.is_ready, deadline=60)
    return worker


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


@pytest.mark.parametrize("sleeps_once", ["written", "offsets-sent"])
def test_worker_that_resumes_after_its_partitions_were_reassigned_answers_nothing_twice(
    fleet: Fleet, worker_settings: ScorerSettings, sleeps_once: str
) -> None:
    """Its transaction is aborted, or was complete: then the next worker waits for its end."""
    count = 10_000
    sleeper = fleet.join("sleeper", (sys.executable, STUCK_WORKER, sleeps_once))
    eventually(sleeper.is_ready, deadline=60)
    produce(
        worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD] * count
    )
    eventually(
        lambda: psutil.Process(sleeper.process.pid).status() == psutil.STATUS_STOPPED, deadline=60
    )
    other = fleet.join("other")
    eventually(lambda: "assigned partitions=[0, 1, 2, 3]" in other.words_so_far(), deadline=60)
    sleeper.process.send_signal(signal.SIGCONT)
    each_has_one_answer(worker_settings, count)
    if sleeps_once == "written":
        assert "aborting the transaction" in sleeper.words_so_far()
