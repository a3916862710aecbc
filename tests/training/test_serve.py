"""`intent train --serve` on a real Prefect server: deployment, schedule and retraining controller.

Each of its processes is killed once.
"""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock
from prometheus_client.parser import text_string_to_metric_families

from contract import codec
from contract.errors import BadSetting
from contract.events import Alert, LifecycleEvent
from contract.settings import load
from tests.monitoring.builders import a_prediction
from tests.support.builders import INTENT, environment, eventually, produce, read_all, unique_topics
from tests.support.fixtures import PrefectHome
from tests.support.ports import free_ports
from tests.support.processes import child_processes
from tests.support.trainings import TIMEOUT, run_failing_training
from training.controller.run_lock import FOLDER
from training.prefect_server import AUTH_FILE
from training.registry_client import champion_version
from training.settings import TrainingSettings
from training.trace.lineage import trace_lineage
from training.trace.prediction_lookup import find_prediction
from training.trace.render import render_text

CRON = "30 4 * * 1"
HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def settings(
    tmp_path_factory: pytest.TempPathFactory, kafka: str, prefect_home: PrefectHome
) -> TrainingSettings:
    suffix = uuid.uuid4().hex[:12]
    ports = free_ports(HOST, 2)
    data_dir = tmp_path_factory.mktemp("data")
    prefect_home(data_dir / "prefect")
    return load(
        TrainingSettings,
        **unique_topics(suffix),
        kafka_bootstrap=kafka,
        data_dir=data_dir,
        training_cron=CRON,
        prefect_port=ports[0],
        training_port=ports[1],
        retrain_delay=0,
        retrain_cooldown=0,
        retrain_retry_delay=0,
    )


class TrainingService:
    """The process, which can be killed and started again."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self._log = settings.data_dir / "service.log"  # a pipe would fill and block it
        self.start()

    def start(self) -> None:
        """Returns when Prefect has the deployment and the controller reconciles."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [INTENT, "train", "--serve"],
                env={**os.environ, **environment(self.settings)},
                stderr=log,
                start_new_session=True,  # as a terminal's job: Ctrl-C is for the whole group
            )
        eventually(lambda: self.process.poll() is not None or self.is_up(), TIMEOUT, every=0.5)
        assert self.process.poll() is None, self.log()

    def is_up(self) -> bool:
        return bool(
            deployment(self.settings)
            and metric(self.settings, "intent_training_heartbeat_timestamp_seconds")
        )

    def kill(self, pattern: str) -> int:
        """Kills its child processes with this text in their command; returns how many."""
        processes = child_processes(self.process.pid, pattern)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return len(processes)

    def log(self) -> str:
        """The log of all its processes."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill("")
            self.process.kill()
        self.process.wait(60)


@pytest.fixture(scope="module")
def service(settings: TrainingSettings) -> Iterator[TrainingService]:
    service = TrainingService(settings)
    yield service
    service.stop()


def command(settings: TrainingSettings, *arguments: str) -> str:
    """Standard output of `intent` with these arguments, which must succeed."""
    done = subprocess.run(
        [INTENT, *arguments],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        check=False,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def deployment(settings: TrainingSettings) -> Any:
    """The deployment in Prefect; None if it does not exist yet."""
    body = prefect(settings, f"/deployments/name/training/{settings.prefect_deployment}")
    return json.loads(body) if body else None


def prefect(settings: TrainingSettings, path: str, method: str = "GET") -> str | None:
    """Response body of Prefect's API with the credentials; None while it does not answer."""
    with suppress(FileNotFoundError):
        auth = (settings.data_dir / "prefect" / AUTH_FILE).read_bytes().strip()
        return page(
            settings.prefect_port,
            f"/api{path}",
            method,
            Authorization=f"Basic {b64encode(auth).decode()}",
        )
    return None


def page(port: int, path: str, method: str = "GET", **headers: str) -> str | None:
    """Body of a page; None while nobody answers."""
    request = urllib.request.Request(f"http://{HOST}:{port}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return str(response.read().decode())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def listening(settings: TrainingSettings) -> list[int]:
    """The ports that are still open."""
    ports = []
    for port in (settings.prefect_port, settings.training_port):
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                ports.append(port)
    return ports


def metric(settings: TrainingSettings, name: str, **labels: str) -> float:
    """A metric's value; 0 if it is missing."""
    families = text_string_to_metric_families(page(settings.training_port, "/metrics") or "")
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def lifecycle(settings: TrainingSettings) -> list[LifecycleEvent]:
    messages = read_all(settings.kafka_bootstrap, settings.topic_model_lifecycle)
    return [codec.decode_lifecycle_event(message.value()) for message in messages]


def events(settings: TrainingSettings, request: str, kind: str) -> list[LifecycleEvent]:
    """The lifecycle events of a kind for a request."""
    return [
        step for step in lifecycle(settings) if step.kind == kind and request in step.request_ids
    ]


def publish_alert(settings: TrainingSettings, incident: str) -> str:
    """Publishes an alert; returns the id of its request."""
    alert = Alert(
        incident, "performance", "firing", 1, 2, "m", "1", "accuracy dropped", [], "/reports/r.html"
    )
    produce(settings.kafka_bootstrap, settings.topic_alerts, [codec.encode(alert)])
    return f"alert/{incident}"


@contextmanager
def blocked_training(settings: TrainingSettings, incident: str) -> Iterator[str]:
    """A training for an incident has started, and waits for the lock that this test holds.

    Yields the id of its request.
    """
    folder = settings.data_dir / FOLDER
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock"):
        before = set(folder.iterdir())
        request = publish_alert(settings, incident)
        eventually(
            lambda: (
                events(settings, request, "training_started") and set(folder.iterdir()) - before
            ),
            TIMEOUT,
        )
        yield request


@pytest.mark.usefixtures("service")
def test_deployment_is_registered_with_its_schedule_in_utc(settings: TrainingSettings) -> None:
    current = deployment(settings)
    assert not current["paused"]
    (schedule,) = current["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == CRON
    assert schedule["schedule"]["timezone"] in (None, "UTC")
    assert current["entrypoint"] == "training.flow.retrain"


@pytest.mark.usefixtures("service")
def test_request_trains_a_version_and_its_lifecycle_is_published(
    settings: TrainingSettings,
) -> None:
    request = f"person/{command(settings, 'train', '--request', '--reason', 'new data').strip()}"
    eventually(lambda: events(settings, request, "promoted"), TIMEOUT, every=0.5)
    kinds = [step.kind for step in lifecycle(settings) if request in step.request_ids]
    assert set(kinds) == {"requested", "training_started", "version_registered", "promoted"}
    (requested,) = events(settings, request, "requested")
    (trained,) = events(settings, request, "version_registered")
    (started,) = events(settings, request, "training_started")
    assert "new data" in requested.message
    assert requested.occurred_at <= started.occurred_at <= trained.occurred_at
    assert trained.flow_run_id == started.flow_run_id
    assert trained.model_version == champion_version(settings) == "1"
    completed = metric(settings, "intent_retrainings_total", trigger="person", result="completed")
    assert completed == 1


def test_killed_training_is_retried(settings: TrainingSettings, service: TrainingService) -> None:
    before = champion_version(settings)
    with blocked_training(settings, "performance-1") as request:
        assert service.kill("spawn_main")
    eventually(lambda: events(settings, request, "version_registered"), TIMEOUT, every=0.5)
    assert len(events(settings, request, "training_failed")) == 1
    assert len(events(settings, request, "training_started")) == 2
    assert champion_version(settings) in (
        before,
        events(settings, request, "version_registered")[0].model_version,
    )


@pytest.mark.usefixtures("service")
def test_prediction_is_traced_to_the_alert_that_triggered_its_model(
    settings: TrainingSettings,
) -> None:
    request = "alert/performance-1"  # of the test before
    (trained,) = events(settings, request, "version_registered")
    version = str(trained.model_version)
    made = a_prediction("customer-7", model=settings.model_name, model_version=version)
    others = [codec.encode(a_prediction(f"customer-{number}")) for number in (70, 71)]
    bootstrap, topic = settings.kafka_bootstrap, settings.topic_predictions
    produce(bootstrap, topic, [others[0], codec.encode(made), others[1]], partition=2)

    output = command(settings, "trace", "customer-7", "--json")
    lineage = json.loads(output)
    run = lineage["model"]["tags"]
    assert lineage["prediction"]["model_version"] == lineage["model"]["version"] == version
    assert run["data.rows_sha256"]
    assert run["code.revision"]
    assert run["trigger.incident"] == lineage["alert"]["incident"] == "performance-1"
    assert run["trigger.flow_run_id"] == trained.flow_run_id
    assert lineage["alert"]["report_path"] == "/reports/r.html"
    assert lineage["missing"] == []
    kinds = [step["kind"] for step in lineage["steps"]]
    assert kinds[:2] == ["requested", "training_started"]
    assert {"training_failed", "version_registered"} <= set(kinds)

    for reference in ("2:1", codec.encode(made).decode()):
        assert find_prediction(settings, reference) == made
    text = render_text(trace_lineage(settings, made))
    for part in (
        "customer-7",
        f"version {version}",
        "rows_sha256",
        "accuracy dropped",
        "/reports/r",
    ):
        assert part in text
    places = ("2:9", "0:0", "99:0", f"0:{10**20}")
    for reference in ("nobody", *places, "", "\udcff", "{}", "{\udcff"):
        with pytest.raises(BadSetting):
            find_prediction(settings, reference)
    unknown = trace_lineage(
        settings, a_prediction("x", model=settings.model_name, model_version="99")
    )
    assert "no version 99" in render_text(unknown)


def test_after_all_processes_are_killed_the_next_one_retries_the_training(
    settings: TrainingSettings, service: TrainingService
) -> None:
    with blocked_training(settings, "performance-2") as request:
        service.stop()
    service.start()
    assert deployment(settings)["schedules"][0]["active"]
    eventually(lambda: events(settings, request, "version_registered"), TIMEOUT, every=0.5)
    assert len(events(settings, request, "training_started")) == 2


def test_request_waits_for_a_prefect_server_that_was_killed(
    settings: TrainingSettings, service: TrainingService
) -> None:
    assert service.kill("uvicorn") == 1
    request = publish_alert(settings, "performance-3")
    eventually(lambda: events(settings, request, "requested"), TIMEOUT)
    eventually(lambda: events(settings, request, "version_registered"), 2 * TIMEOUT, every=0.5)
    assert service.process.poll() is None


def test_deleted_deployment_is_created_again_and_trains(
    settings: TrainingSettings, service: TrainingService
) -> None:
    eventually(lambda: deployment(settings), TIMEOUT, every=0.5)
    deleted = deployment(settings)["id"]

    def is_deleted() -> bool:
        return prefect(settings, f"/deployments/{deleted}", "DELETE") is not None or is_new()

    def is_new() -> bool:
        current = deployment(settings)
        return bool(current) and current["id"] != deleted

    eventually(is_deleted, TIMEOUT, every=0.5)  # a server that has just started may be too slow
    eventually(is_new, TIMEOUT, every=0.5, describe=service.log)
    request = publish_alert(settings, "performance-4")
    eventually(lambda: events(settings, request, "version_registered"), 2 * TIMEOUT, every=0.5)
    assert service.process.poll() is None


def test_port_of_the_server_already_taken_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = settings.model_copy(
            update={
                "data_dir": tmp_path,
                "prefect_port": port,
                "training_port": free_ports(HOST, 1)[0],
            }
        )
        code, line = run_failing_training(other, "serve")
    assert code == 7
    assert f"{HOST}:{port}" in line


@pytest.mark.usefixtures("service")
def test_schedule_that_is_not_a_cron_expression_is_one_line_that_names_it(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f"http://{HOST}:{settings.prefect_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", server)  # saves the start of another
    wrong = settings.model_copy(
        update={"training_cron": "61 3 * * *", "training_port": free_ports(HOST, 1)[0]}
    )
    code, line = run_failing_training(wrong, "serve")
    assert code == 2
    assert "INTENT_TRAINING_CRON='61 3 * * *'" in line
    assert deployment(settings)["schedules"][0]["schedule"]["cron"] == CRON


def test_sigterm_stops_process_and_server_and_the_next_one_keeps_the_schedule(
    settings: TrainingSettings, service: TrainingService
) -> None:
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(180) == 0
    assert not listening(settings)
    service.start()
    current = deployment(settings)
    assert not current["paused"]
    assert current["schedules"][0]["active"]


def test_ctrl_c_stops_process_and_server(
    settings: TrainingSettings, service: TrainingService
) -> None:
    os.killpg(service.process.pid, signal.SIGINT)
    assert service.process.wait(180) == 0
    assert not listening(settings)


def test_ctrl_c_stops_the_process_although_its_server_is_gone(
    settings: TrainingSettings, service: TrainingService
) -> None:
    service.start()
    assert service.kill("uvicorn") == 1
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(180) == 0
    assert not listening(settings)
