"""A stuck worker is unhealthy and ends itself; an idle one is healthy."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from contract.kafka import ensure_topics
from contract.settings import load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.network import http_get
from intent.local.settings import LocalSettings
from stream_app.metrics import ScorerMetrics
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import BatchConsumer
from tests.support.builders import eventually, produce
from tests.support.ports import free_ports
from tests.support.records import MINIMAL_RECORD
from tests.support.scorer import (
    await_worker_error,
    prediction_offsets,
    start_worker,
    with_changes,
    worker_process,
)

pytestmark = pytest.mark.alone

STUCK = (sys.executable, str(Path(__file__).with_name("stuck_worker.py")))


def healthy(settings: ScorerSettings) -> bool:
    return all(
        http_get("127.0.0.1", settings.scorer_port, page) for page in ("/healthz", "/readyz")
    )


@pytest.fixture(scope="module")
def freezer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker that no other test uses."""
    folder = tmp_path_factory.mktemp("freezer")
    cache = load(LocalSettings).cache_dir
    with LocalBroker(folder / "broker", cache, folder / "broker.log") as broker:
        yield broker


@pytest.fixture
def broker(freezer: LocalBroker) -> Iterator[LocalBroker]:
    """The same, which a test may stop; it continues afterwards."""
    yield freezer
    os.kill(freezer.process.pid, signal.SIGCONT)


def test_idle_worker_is_healthy_for_longer_than_a_batch_may_take(
    worker_settings: ScorerSettings,
) -> None:
    settings = with_changes(worker_settings, progress_timeout=1)
    with worker_process(settings) as process:
        ends_at = time.monotonic() + 4
        while time.monotonic() < ends_at:
            assert healthy(settings)
        assert process.poll() is None
        produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
        prediction_offsets(worker_settings, until=1)


def test_worker_whose_broker_freezes_is_unhealthy_and_ends_with_nothing_lost(
    worker_settings: ScorerSettings, broker: LocalBroker
) -> None:
    settings = with_changes(
        worker_settings, kafka_bootstrap=broker.bootstrap, progress_timeout=8, batch_max_records=500
    )
    count = 40_000
    with worker_process(settings) as process:
        produce(
            broker.bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD] * count, deadline=60
        )
        prediction_offsets(settings, until=1)
        os.kill(broker.process.pid, signal.SIGSTOP)
        eventually(lambda: not healthy(settings), deadline=20)
        assert process.poll() is None, "it is unhealthy before it ends"
        code, error = await_worker_error(process, deadline=20)
    assert code == 10
    assert "(INTENT_PROGRESS_TIMEOUT=8)" in error
    os.kill(broker.process.pid, signal.SIGCONT)
    # the transaction of the first worker holds back its offsets for longer than 8 s
    with worker_process(with_changes(settings, progress_timeout=60)):
        assert len(set(prediction_offsets(settings, until=count))) == count
    assert len(prediction_offsets(settings)) == count


def test_worker_with_a_frozen_broker_gives_up_its_batch_on_sigterm(
    worker_settings: ScorerSettings, broker: LocalBroker
) -> None:
    settings = with_changes(worker_settings, kafka_bootstrap=broker.bootstrap)
    frozen = psutil.Process(broker.process.pid)
    with worker_process(settings, (*STUCK, str(frozen.pid))) as process:
        produce(broker.bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
        eventually(lambda: frozen.status() == psutil.STATUS_STOPPED)
        process.terminate()
        code, error = await_worker_error(process, deadline=20)
    assert code == 10
    assert error.startswith("stopping: the pending batch was not committed within 4 s")


def test_worker_whose_event_loop_is_blocked_ends_itself(worker_settings: ScorerSettings) -> None:
    settings = with_changes(worker_settings, progress_timeout=2)
    with worker_process(settings, (*STUCK, "loop")) as process:
        produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
        code, error = await_worker_error(process, deadline=20)
    assert code == 10
    assert error.startswith("no batch was finished for")


def test_worker_whose_client_does_not_close_ends_nevertheless(
    worker_settings: ScorerSettings,
) -> None:
    with worker_process(worker_settings, (*STUCK, "client")) as process:
        produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
        prediction_offsets(worker_settings, until=1)
        process.terminate()
        code, error = await_worker_error(process, deadline=20)
    assert code == 10
    assert error.startswith("stopping: the Kafka client did not close within 8 s")


def test_worker_whose_client_stops_fetching_ends_itself_and_a_restart_continues(
    worker_settings: ScorerSettings,
) -> None:
    settings = with_changes(worker_settings, progress_timeout=6)
    with worker_process(settings, (*STUCK, "fetcher")) as process:
        produce(
            worker_settings.kafka_bootstrap,
            worker_settings.topic_customers,
            [MINIMAL_RECORD],
            partition=1,
        )
        prediction_offsets(settings, until=1)
        assert healthy(settings)
        produce(
            worker_settings.kafka_bootstrap,
            worker_settings.topic_customers,
            [MINIMAL_RECORD],
            partition=1,
        )
        eventually(lambda: not healthy(settings), deadline=20)
        code, error = await_worker_error(process, deadline=20)
    assert code == 10
    assert error.startswith("partition 1 has records to read, and none was delivered for")
    with worker_process(settings):
        assert prediction_offsets(settings, until=2) == [(1, 0), (1, 1)]


def test_worker_without_an_assignment_ends_itself_and_a_restart_continues(
    worker_settings: ScorerSettings,
) -> None:
    settings = with_changes(worker_settings, progress_timeout=2)
    port = free_ports("127.0.0.1", 1)[0]
    frozen = with_changes(worker_settings, worker_id="frozen", scorer_port=port, session_timeout=40)
    with worker_process(frozen) as member:
        os.kill(member.pid, signal.SIGSTOP)  # its group waits 40 s for it
        produce(worker_settings.kafka_bootstrap, worker_settings.topic_customers, [MINIMAL_RECORD])
        with start_worker(settings) as process:
            code, error = await_worker_error(process, deadline=settings.longest_rebalance + 30)
    assert code == 10
    assert error.startswith("the consumer group has not assigned partitions to this worker for")
    with worker_process(with_changes(settings, progress_timeout=60)):
        prediction_offsets(settings, until=1)


def test_member_whose_session_timed_out_has_no_assignment(
    worker_settings: ScorerSettings, broker: LocalBroker
) -> None:
    settings = with_changes(worker_settings, kafka_bootstrap=broker.bootstrap, session_timeout=6)
    ensure_topics(settings, topics(settings))
    member = BatchConsumer(settings, topics(settings).customers, ScorerMetrics())

    def joined() -> bool:
        member.poll_batch(0.1)
        return member.has_assignment

    eventually(joined)
    os.kill(broker.process.pid, signal.SIGSTOP)
    eventually(lambda: not joined(), deadline=30)
    os.kill(broker.process.pid, signal.SIGCONT)
    eventually(joined, deadline=30)
    member.close()
