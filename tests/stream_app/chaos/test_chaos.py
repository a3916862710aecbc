"""Workers are killed, join and leave, the broker is killed: each record has exactly one result."""

import logging
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from contract.errors import BrokerUnreachable
from contract.kafka import ensure_topics
from contract.schema import CARS
from contract.settings import load
from contract.topics import topics
from intent.local.delivery_check import DeliveryCheck
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.settings import ScorerSettings
from tests.stream_app.chaos import broker_state
from tests.stream_app.chaos.fleet import Fleet
from tests.stream_app.chaos.script import Act, Blow, script
from tests.stream_app.chaos.traffic import BAD_EVERY, Traffic
from tests.support.builders import eventually, read_all
from tests.support.ports import free_ports

pytestmark = pytest.mark.alone

log = logging.getLogger(__name__)


def act(what: Act, fleet: Fleet, broker: LocalBroker) -> None:
    """Causes one fault."""
    worker = fleet.one()
    time.sleep(what.after)  # the moment that the seed chose
    match what.blow:
        case Blow.KILL | Blow.REPLACE:
            fleet.kill(worker)
            fleet.join(worker.name if what.blow is Blow.KILL else None)
        case Blow.JOIN:
            fleet.join()
        case Blow.LEAVE if len(fleet.workers) > 1:
            fleet.leave(worker)
        case Blow.BREAK:
            os.kill(broker.process.pid, signal.SIGKILL)
            eventually(lambda: broker.process.exit_code is not None)
            broker.launch()
            broker.wait()


def audit_of(settings: ScorerSettings) -> DeliveryCheck:
    """An audit of new topics, whose leaders may not know them yet."""
    audits: list[DeliveryCheck] = []

    def answers() -> bool:
        with suppress(BrokerUnreachable):
            audits.append(DeliveryCheck(settings))
        return bool(audits)

    eventually(answers)
    return audits[0]


def survive(
    tmp_path: Path, champion: dict[str, str], acts: Iterable[Act], records: int, seconds: float
) -> DeliveryCheck:
    """Scores records during the faults; returns what was read once each had a result."""
    port = free_ports("127.0.0.1", 1)[0]
    broker = LocalBroker(
        tmp_path / "broker", load(LocalSettings).cache_dir, tmp_path / "broker.log", port
    )
    with broker:
        settings = load(
            ScorerSettings,
            **champion,
            kafka_bootstrap=broker.bootstrap,
            kafka_timeout=60,
            data_dir=tmp_path / "home",
            batch_max_records=100,  # workers often have a backlog, so that two batches are pending
            session_timeout=6,
            transaction_timeout=6,
            log_level="INFO",
        )
        ensure_topics(settings, topics(settings))
        with (
            audit_of(settings) as audit,
            Fleet(settings, Random(1)) as fleet,
            Traffic(settings, records, seconds) as traffic,
        ):
            for _ in range(2):
                fleet.join()
            for each in acts:
                act(each, fleet, broker)
            traffic.finish()

            def all_are_answered() -> bool:
                fleet.tend()
                audit.read_to_end(60)
                return len(audit.counts.records) == records and not audit.counts.missing

            def describe_progress() -> str:
                state = broker_state.describe(settings)
                stacks = [worker.abort() for worker in fleet.workers]
                return "\n".join([str(audit), state, *fleet.faults, *stacks])

            eventually(all_are_answered, deadline=300, describe=describe_progress)
            while fleet.workers:  # pending batches are committed now
                fleet.leave(fleet.workers[0])
            audit.read_to_end(60)
            log.warning("workers that were started again: %s", fleet.faults)
            if audit.counts.duplicated:
                pytest.fail(
                    "\n".join([str(audit), *repeated_results(settings, audit), *fleet.logs])
                )
            return audit


def repeated_results(settings: ScorerSettings, audit: DeliveryCheck) -> Iterator[str]:
    """Where the results of records that have more than one are, and when they were written."""
    positions = set(audit.counts.duplicated)
    for message in read_all(settings.kafka_bootstrap, settings.topic_predictions, deadline=60):
        event = CARS.codec.decode_prediction(message.value())
        if (event.partition, event.offset) in positions:
            place = f"{message.partition()}/{message.offset()} at {message.timestamp()[1]}"
            yield f"{event.partition}/{event.offset} in {place}, scored_at={event.scored_at}"


def check(audit: DeliveryCheck, records: int) -> None:
    assert audit.counts.describe_faults() == ""
    assert len(audit.counts.records) == records
    assert audit.counts.predictions + audit.counts.dead_letters == records
    assert audit.counts.dead_letters == len(range(0, records, BAD_EVERY))


def test_no_record_is_lost_or_doubled_by_kills_rebalances_and_a_broken_broker(
    tmp_path: Path, champion: dict[str, str]
) -> None:
    acts = script(seed=8, kills=3, joins=1, breaks=1)
    check(survive(tmp_path, champion, acts, records=60_000, seconds=25), records=60_000)


SEEDS = tuple(map(int, os.environ.get("CHAOS_SEEDS", "21").split()))
"""Of the long test: `CHAOS_SEEDS="1 2 3"` runs it three times."""


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_million_records_survive_twenty_four_kills_and_three_broken_brokers(
    tmp_path: Path, champion: dict[str, str], seed: int
) -> None:
    acts = script(seed=seed, kills=24, joins=6, breaks=3)
    check(survive(tmp_path, champion, acts, records=1_000_000, seconds=240), records=1_000_000)
