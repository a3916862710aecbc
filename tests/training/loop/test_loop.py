"""What starts a training, on a real broker and a real Prefect: one run, once, and none is lost."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from confluent_kafka import Consumer, TopicPartition
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, State
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Crashed, Running

from contract import codec, kafka
from contract.events import Alert, RetrainingRequest
from tests.support.builders import produce, read_all
from tests.support.loops import Loops
from training.loop import alive
from training.loop.loop import Loop
from training.settings import TrainingSettings

PATIENCE = 30


def alert(episode: str, status: str = "firing") -> bytes:
    kind = episode.rpartition("-")[0]
    made = Alert(episode, kind, status, 1, 2, "m", "1", f"{episode}!", [])  # type: ignore[arg-type]
    return codec.encode(made)


def tell(settings: TrainingSettings, *alerts: bytes) -> None:
    produce(settings.kafka_bootstrap, settings.topic_alerts, alerts)


def ask(settings: TrainingSettings, name: str, now: bool = False) -> None:
    asked = codec.encode(RetrainingRequest(name, "ann", "why not", 1, now))
    produce(settings.kafka_bootstrap, settings.topic_retraining_requests, [asked])


class Trainings:
    """The runs that Prefect has of a deployment, and their fate in place of a runner."""

    def __init__(self, client: SyncPrefectClient, settings: TrainingSettings) -> None:
        self._client = client
        self._id = client.read_deployment_by_name(f"training/{settings.prefect_deployment}").id

    def all(self) -> list[FlowRun]:
        mine = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[self._id]))
        found = self._client.read_flow_runs(flow_run_filter=mine)
        return sorted(found, key=lambda run: run.created.timestamp() if run.created else 0)

    def requests(self) -> list[list[str]]:
        return [[each["name"] for each in run.parameters["asked"]] for run in self.all()]

    def become(self, *states: State) -> None:
        """The newest run goes through these states."""
        for state in states:
            self._client.set_flow_run_state(self.all()[-1].id, state, force=True)


@pytest.fixture
def runs(prefect: SyncPrefectClient, own: TrainingSettings) -> Trainings:
    return Trainings(prefect, own)


def turn_until(condition: Callable[[], object], *loops: Loop) -> None:
    ends_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends_at, f"not so within {PATIENCE} s"
        turn(*loops)


def turn(*loops: Loop) -> None:
    """A turn that decides."""
    for each in loops:
        each.look()


def steps(settings: TrainingSettings) -> list[str]:
    """What the topic tells of trainings, the model's own steps aside."""
    messages = read_all(settings.kafka_bootstrap, settings.topic_model_lifecycle)
    found = [codec.decode_lifecycle_event(message.value()) for message in messages]
    return [
        f"{each.kind} {' '.join(each.request_ids)}" for each in found if each.model_version is None
    ]


def committed(settings: TrainingSettings) -> int:
    """The first alert that is not done with."""
    consumer: Consumer = kafka.create_consumer(settings, settings.training_group)
    try:
        place = TopicPartition(settings.topic_alerts, 0)
        return kafka.committed_offsets(consumer, [place], 10)[0].offset
    finally:
        consumer.close()


def test_requests_that_come_together_get_one_run(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"), alert("target_drift-1"), alert("data_drift-1"))
    ask(own, "x")
    loop = loops.start()
    turn_until(runs.all, loop)
    turn(loop, loop)
    (asked,) = runs.requests()
    assert set(asked) == {"alert/performance-1", "alert/data_drift-1", "person/x"}
    assert set(steps(own)) == {f"requested {name}" for name in asked}


def test_an_episode_gets_one_run_however_often_it_is_read_and_by_whom(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"), alert("performance-1"))
    first, second = loops.start(), loops.start()
    turn_until(runs.all, first, second)
    runs.become(Running(), Completed())
    own_again = loops.start(training_group="of-nobody-yet", retrain_cooldown=0)
    for _ in range(3):
        turn(first, second, own_again)
    assert runs.requests() == [["alert/performance-1"]]


def test_two_processes_that_decide_the_same_at_once_get_one_run(
    own: TrainingSettings, loops: Loops, runs: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(own, alert("performance-1"))
    first, second = loops.start(), loops.start()
    # as if each had looked before the other had asked
    monkeypatch.setattr("training.loop.orchestrator.Orchestrator.runs", lambda _: [])
    turn_until(lambda: first._runs, first)
    turn_until(lambda: second._runs, second)
    assert runs.requests() == [["alert/performance-1"]]


def test_a_process_that_dies_before_it_commits_is_followed_by_one_that_starts_no_second_run(
    own: TrainingSettings, loops: Loops, runs: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start(retrain_cooldown=0)
    monkeypatch.setattr("training.loop.inbox.Inbox.commit", lambda *_: None)
    turn_until(runs.all, loop)
    monkeypatch.undo()
    runs.become(Running(), Completed())
    tell(own, alert("performance-2"))
    follower = loops.start(retrain_cooldown=0)
    turn_until(lambda: len(runs.all()) > 1, follower)
    assert runs.requests() == [["alert/performance-1"], ["alert/performance-2"]]
    assert steps(own).count("requested alert/performance-1") == 1


def test_requests_in_the_cooldown_get_one_run_after_it(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start()
    turn_until(runs.all, loop)
    tell(own, alert("performance-2"))
    turn(loop)
    runs.become(Running(), Completed())
    tell(own, alert("performance-3"))
    for _ in range(3):
        turn(loop)
    assert len(runs.all()) == 1
    assert committed(own) == 1, "what waits would be lost with this process"
    loop.close()
    after = loops.start(retrain_cooldown=0.1)
    turn_until(lambda: len(runs.all()) > 1, after)
    assert runs.requests()[1:] == [["alert/performance-2", "alert/performance-3"]]


def test_a_persons_urgent_request_does_not_wait_for_the_cooldown(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start()
    turn_until(runs.all, loop)
    runs.become(Running(), Completed())
    ask(own, "patient")
    ask(own, "urgent", now=True)
    turn_until(lambda: len(runs.all()) > 1, loop)
    assert runs.requests()[1:] == [["person/patient", "person/urgent"]]


def test_an_episode_that_ends_in_the_cooldown_is_withdrawn_and_says_so(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start()
    turn_until(runs.all, loop)
    runs.become(Running(), Completed())
    tell(own, alert("performance-2"), alert("performance-2", "resolved"))
    tell(own, alert("performance-1", "resolved"))
    turn_until(lambda: "withdrawn alert/performance-2" in steps(own), loop)
    assert "withdrawn alert/performance-1" not in steps(own)
    assert committed(own) == 4


def test_while_prefect_is_away_a_request_waits_on_its_topic_and_then_gets_its_run(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start()
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        for _ in range(3):
            turn(loop)
    assert committed(own) <= 0
    assert runs.all() == []
    turn_until(runs.all, loop)
    assert committed(own) == 1


def test_a_training_that_is_killed_is_run_again_as_often_as_is_set(
    own: TrainingSettings, loops: Loops, runs: Trainings
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start(retrain_max_attempts=2)
    turn_until(runs.all, loop)
    runs.become(Running(), Crashed(message="killed"))
    turn_until(lambda: len(runs.all()) > 1, loop)
    runs.become(Running(), Crashed(message="killed"))
    for _ in range(3):
        turn(loop)
    assert runs.requests() == [["alert/performance-1"]] * 2
    assert [run.parameters["attempt"] for run in runs.all()] == [1, 2]
    assert steps(own).count("failed alert/performance-1") == 2


def test_a_run_whose_process_is_gone_counts_as_failed(
    own: TrainingSettings, loops: Loops, runs: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(own, alert("performance-1"))
    loop = loops.start()
    turn_until(runs.all, loop)
    runs.become(Running())
    monkeypatch.setattr("training.loop.orchestrator.SETTLES_WITHIN", timedelta(0))
    with alive.held(own.data_dir, str(runs.all()[0].id)):
        turn(loop, loop)
        assert len(runs.all()) == 1, "it lives"
    lock = own.data_dir / alive.FOLDER / f"{runs.all()[0].id}.lock"
    lock.touch()  # as one that was killed leaves it
    turn_until(lambda: len(runs.all()) > 1, loop)
    assert runs.all()[0].state_type == "CRASHED"
