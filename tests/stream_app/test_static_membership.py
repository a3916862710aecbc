"""Restarts with static membership cause no rebalance."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from contract.kafka import ensure_topics
from contract.topics import topics
from stream_app.settings import ScorerSettings
from tests.stream_app.chaos.fleet import Fleet
from tests.support.builders import eventually, produce
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import prediction_offsets, with_changes


@pytest.fixture
def fleet(worker_settings: ScorerSettings) -> Iterator[Fleet]:
    """A fleet for a `customers` of four partitions."""
    ensure_topics(worker_settings, [replace(topics(worker_settings).customers, partitions=4)])
    settings = with_changes(worker_settings, session_timeout=40, static_membership=True)
    with Fleet(settings, Random(3)) as fleet:
        yield fleet


ASSIGNED = "assigned partitions"
"""What a worker logs when partitions are assigned to it."""


def test_restart_with_static_membership_moves_no_partitions(
    fleet: Fleet, worker_settings: ScorerSettings
) -> None:
    stays, goes = fleet.join(), fleet.join()
    for worker in (stays, goes):
        eventually(worker.is_ready, deadline=120)
    send(worker_settings, 400)
    assert len(prediction_offsets(worker_settings, until=400)) == 400
    before = stays.words_so_far().count(ASSIGNED)
    fleet.leave(goes)
    send(worker_settings, 400)  # records of two partitions wait for the absent worker
    back = fleet.join(goes.name)
    eventually(back.is_ready, deadline=120)
    assert len(set(prediction_offsets(worker_settings, until=800))) == 800
    assert len(prediction_offsets(worker_settings)) == 800
    assert before > 0
    assert stays.words_so_far().count(ASSIGNED) == before
    assert back.words_so_far().count(ASSIGNED) == 1


def send(worker_settings: ScorerSettings, count: int) -> None:
    for partition in range(4):
        values = [MINIMAL_RECORD] * (count // 4)
        produce(
            worker_settings.kafka_bootstrap,
            worker_settings.topic_customers,
            values,
            partition=partition,
        )
