"""Requests become trainings on a real broker and a real Prefect: one run each, none is lost."""

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
from tests.support.controllers import Controllers
from training.controller.controller import RetrainingController
from training.controller.run_lock import FOLDER, hold_run_lock
from training.settings import TrainingSettings

TIMEOUT = 30


def alert(incident: str, status: str = "firing") -> bytes:
    kind = incident.rpartition("-")[0]
    event = Alert(incident, kind, status, 1, 2, "m", "1", f"{incident}!", [])  # type: ignore[arg-type]
    return codec.encode(event)


def publish_alerts(settings: TrainingSettings, *alerts: bytes) -> None:
    produce(settings.kafka_bootstrap, settings.topic_alerts, alerts)


def publish_request(settings: TrainingSettings, id_: str, urgent: bool = False) -> None:
    value = codec.encode(RetrainingRequest(id_, "ann", "new data", 1, urgent))
    produce(settings.kafka_bootstrap, settings.topic_retraining_requests, [value])


class Trainings:
    """The runs of a deployment in Prefect; sets their states in place of a runner."""

    def __init__(self, client: SyncPrefectClient, settings: TrainingSettings) -> None:
        self._client = client
        self._id = client.read_deployment_by_name(f"training/{settings.prefect_deployment}").id

    def all(self) -> list[FlowRun]:
        of_deployment = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[self._id]))
        runs = self._client.read_flow_runs(flow_run_filter=of_deployment)
        return sorted(runs, key=lambda run: run.created.timestamp() if run.created else 0)

    def requests(self) -> list[list[str]]:
        return [[request["id"] for request in run.parameters["requests"]] for run in self.all()]

    def set_states(self, *states: State) -> None:
        """The newest run goes through these states."""
        for state in states:
            self._client.set_flow_run_state(self.all()[-1].id, state, force=True)


@pytest.fixture
def runs(prefect: SyncPrefectClient, settings: TrainingSettings) -> Trainings:
    return Trainings(prefect, settings)


def reconcile_until(condition: Callable[[], object], *controllers: RetrainingController) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"not so within {TIMEOUT} s"
        reconcile(*controllers)


def reconcile(*controllers: RetrainingController) -> None:
    for controller in controllers:
        controller.reconcile()


def training_events(settings: TrainingSettings) -> list[str]:
    """Kinds and requests of the lifecycle events without a version."""
    messages = read_all(settings.kafka_bootstrap, settings.topic_model_lifecycle)
    events = [codec.decode_lifecycle_event(message.value()) for message in messages]
    return [
        f"{event.kind} {' '.join(event.request_ids)}"
        for event in events
        if event.model_version is None
    ]


def committed(settings: TrainingSettings) -> int:
    """The committed offset of the alerts."""
    consumer: Consumer = kafka.create_consumer(settings, settings.training_group)
    try:
        place = TopicPartition(settings.topic_alerts, 0)
        return kafka.committed_offsets(consumer, [place], 10)[0].offset
    finally:
        consumer.close()


def test_requests_that_arrive_together_get_one_run(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"), alert("target_drift-1"), alert("data_drift-1"))
    publish_request(settings, "x")
    controller = controllers.start()
    reconcile_until(runs.all, controller)
    reconcile(controller, controller)
    (request_ids,) = runs.requests()
    assert set(request_ids) == {"alert/performance-1", "alert/data_drift-1", "person/x"}
    assert set(training_events(settings)) == {f"requested {name}" for name in request_ids}


def test_incident_gets_one_run_however_often_and_by_whom_it_is_read(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"), alert("performance-1"))
    first, second = controllers.start(), controllers.start()
    reconcile_until(runs.all, first, second)
    runs.set_states(Running(), Completed())
    other_group = controllers.start(training_group="of-nobody-yet", retrain_cooldown=0)
    for _ in range(3):
        reconcile(first, second, other_group)
    assert runs.requests() == [["alert/performance-1"]]


def test_two_controllers_that_decide_the_same_at_once_get_one_run(
    settings: TrainingSettings,
    controllers: Controllers,
    runs: Trainings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_alerts(settings, alert("performance-1"))
    first, second = controllers.start(), controllers.start()
    # as if each had listed the runs before the other started one
    monkeypatch.setattr("training.controller.orchestrator.Orchestrator.list_runs", lambda _: [])
    reconcile_until(lambda: first._runs, first)
    reconcile_until(lambda: second._runs, second)
    assert runs.requests() == [["alert/performance-1"]]


def test_controller_that_dies_before_it_commits_is_followed_by_one_that_starts_no_second_run(
    settings: TrainingSettings,
    controllers: Controllers,
    runs: Trainings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start(retrain_cooldown=0)
    monkeypatch.setattr(
        "training.controller.request_consumer.RequestConsumer.commit_offsets", lambda *_: None
    )
    reconcile_until(runs.all, controller)
    monkeypatch.undo()
    runs.set_states(Running(), Completed())
    publish_alerts(settings, alert("performance-2"))
    follower = controllers.start(retrain_cooldown=0)
    reconcile_until(lambda: len(runs.all()) > 1, follower)
    assert runs.requests() == [["alert/performance-1"], ["alert/performance-2"]]
    assert training_events(settings).count("requested alert/performance-1") == 1


def test_requests_in_the_cooldown_get_one_run_after_it(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start()
    reconcile_until(runs.all, controller)
    publish_alerts(settings, alert("performance-2"))
    reconcile(controller)
    runs.set_states(Running(), Completed())
    publish_alerts(settings, alert("performance-3"))
    for _ in range(3):
        reconcile(controller)
    assert len(runs.all()) == 1
    assert committed(settings) == 1, "pending requests would be lost with this process"
    controller.close()
    after = controllers.start(retrain_cooldown=0.1)
    reconcile_until(lambda: len(runs.all()) > 1, after)
    assert runs.requests()[1:] == [["alert/performance-2", "alert/performance-3"]]


def test_urgent_request_skips_the_cooldown(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start()
    reconcile_until(runs.all, controller)
    runs.set_states(Running(), Completed())
    publish_request(settings, "patient")
    publish_request(settings, "urgent", urgent=True)
    reconcile_until(lambda: len(runs.all()) > 1, controller)
    assert runs.requests()[1:] == [["person/patient", "person/urgent"]]


def test_alert_that_is_resolved_in_the_cooldown_is_withdrawn(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start()
    reconcile_until(runs.all, controller)
    runs.set_states(Running(), Completed())
    publish_alerts(settings, alert("performance-2"), alert("performance-2", "resolved"))
    publish_alerts(settings, alert("performance-1", "resolved"))
    reconcile_until(
        lambda: "request_withdrawn alert/performance-2" in training_events(settings), controller
    )
    assert "request_withdrawn alert/performance-1" not in training_events(settings)
    assert committed(settings) == 4


def test_while_prefect_is_unavailable_a_request_stays_on_its_topic_and_then_gets_its_run(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start()
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        for _ in range(3):
            reconcile(controller)
    assert committed(settings) <= 0
    assert runs.all() == []
    reconcile_until(runs.all, controller)
    assert committed(settings) == 1


def test_killed_training_is_retried_up_to_the_maximum(
    settings: TrainingSettings, controllers: Controllers, runs: Trainings
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start(retrain_max_attempts=2)
    reconcile_until(runs.all, controller)
    runs.set_states(Running(), Crashed(message="killed"))
    reconcile_until(lambda: len(runs.all()) > 1, controller)
    runs.set_states(Running(), Crashed(message="killed"))
    for _ in range(3):
        reconcile(controller)
    assert runs.requests() == [["alert/performance-1"]] * 2
    assert [run.parameters["attempt"] for run in runs.all()] == [1, 2]
    assert training_events(settings).count("training_failed alert/performance-1") == 2


def test_run_whose_process_is_gone_counts_as_failed(
    settings: TrainingSettings,
    controllers: Controllers,
    runs: Trainings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_alerts(settings, alert("performance-1"))
    controller = controllers.start()
    reconcile_until(runs.all, controller)
    runs.set_states(Running())
    monkeypatch.setattr("training.controller.orchestrator.LOCK_GRACE_PERIOD", timedelta(0))
    with hold_run_lock(settings.data_dir, str(runs.all()[0].id)):
        reconcile(controller, controller)
        assert len(runs.all()) == 1, "its process is alive"
    lock = settings.data_dir / FOLDER / f"{runs.all()[0].id}.lock"
    lock.touch()  # as a killed process leaves it
    reconcile_until(lambda: len(runs.all()) > 1, controller)
    assert runs.all()[0].state_type == "CRASHED"
