"""`intent train --serve`: the deployment on a real Prefect server, its schedule, and the loop
that has it run; each of the processes is killed once.
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
from tests.support.builders import INTENT, environment, eventually, own_topics, produce, read_all
from tests.support.fixtures import PrefectHome
from tests.support.ports import free_ports
from tests.support.processes import children
from tests.support.trainings import PATIENCE, failure
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
    own = uuid.uuid4().hex[:12]
    ports = free_ports(HOST, 2)
    home = tmp_path_factory.mktemp("home")
    prefect_home(home / "prefect")
    return load(
        TrainingSettings,
        **own_topics(own),
        kafka_bootstrap=kafka,
        data_dir=home,
        training_cron=CRON,
        prefect_port=ports[0],
        training_port=ports[1],
        retrain_delay=0,
        retrain_cooldown=0,
        retrain_retry_delay=0,
    )


class Serving:
    """The process, which may be killed and started again."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self._log = settings.data_dir / "serving.log"  # a pipe would fill and block it
        self.start()

    def start(self) -> None:
        """Returns when the server knows the deployment and the loop turns."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [INTENT, "train", "--serve"],
                env={**os.environ, **environment(self.settings)},
                stderr=log,
                start_new_session=True,  # as a terminal's job: Ctrl-C is for the whole group
            )
        eventually(lambda: self.process.poll() is not None or self.is_up(), PATIENCE, every=0.5)
        assert self.process.poll() is None, self.words()

    def is_up(self) -> bool:
        return bool(
            deployment(self.settings)
            and figure(self.settings, "intent_training_heartbeat_timestamp_seconds")
        )

    def kill(self, words: str) -> int:
        """Kills its processes whose command has these words; returns how many."""
        found = children(self.process.pid, words)
        for each in found:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        return len(found)

    def words(self) -> str:
        """What all of its processes have said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        if self.process.poll() is None:
            self.kill("")
            self.process.kill()
        self.process.wait(60)


@pytest.fixture(scope="module")
def serving(settings: TrainingSettings) -> Iterator[Serving]:
    own = Serving(settings)
    yield own
    own.end()


def command(settings: TrainingSettings, *arguments: str) -> str:
    """Standard output of `intent` with these arguments, which must succeed."""
    done = subprocess.run(
        [INTENT, *arguments],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def deployment(settings: TrainingSettings) -> Any:
    """What the server says of the deployment; nothing if it does not know it yet."""
    found = prefect(settings, f"/deployments/name/training/{settings.prefect_deployment}")
    return json.loads(found) if found else None


def prefect(settings: TrainingSettings, path: str, method: str = "GET") -> str | None:
    """What the server's API answers to whoever may read its string; nothing while it does not."""
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
    """What a page says; nothing while nobody answers."""
    asked = urllib.request.Request(f"http://{HOST}:{port}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
            return str(answer.read().decode())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def listening(settings: TrainingSettings) -> list[int]:
    """Which of the ports are still listened on."""
    found = []
    for port in (settings.prefect_port, settings.training_port):
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                found.append(port)
    return found


def figure(settings: TrainingSettings, name: str, **labels: str) -> float:
    """A metric's value; 0 while it is not told."""
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


def of(settings: TrainingSettings, request: str, kind: str) -> list[LifecycleEvent]:
    """The steps of one kind that are for a request."""
    return [
        step for step in lifecycle(settings) if step.kind == kind and request in step.request_ids
    ]


def drift(settings: TrainingSettings, episode: str) -> str:
    """An alert comes; returns the name of its request."""
    alert = Alert(
        episode, "performance", "firing", 1, 2, "m", "1", "less right", [], "/reports/r.html"
    )
    produce(settings.kafka_bootstrap, settings.topic_alerts, [codec.encode(alert)])
    return f"alert/{episode}"


@contextmanager
def half_way(settings: TrainingSettings, episode: str) -> Iterator[str]:
    """A training for an episode has begun, and waits for another one of this home: for us.

    Gives the name of its request.
    """
    folder = settings.data_dir / FOLDER
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock"):
        known = set(folder.iterdir())
        request = drift(settings, episode)
        eventually(
            lambda: of(settings, request, "training_started") and set(folder.iterdir()) - known,
            PATIENCE,
        )
        yield request


@pytest.mark.usefixtures("serving")
def test_deployment_is_registered_with_its_schedule_in_utc(settings: TrainingSettings) -> None:
    found = deployment(settings)
    assert not found["paused"]
    (schedule,) = found["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == CRON
    assert schedule["schedule"]["timezone"] in (None, "UTC")
    assert found["entrypoint"] == "training.flow.retrain"


@pytest.mark.usefixtures("serving")
def test_a_persons_request_trains_a_version_whose_life_is_told(settings: TrainingSettings) -> None:
    request = f"person/{command(settings, 'train', '--request', '--reason', 'new data').strip()}"
    eventually(lambda: of(settings, request, "promoted"), PATIENCE, every=0.5)
    kinds = [step.kind for step in lifecycle(settings) if request in step.request_ids]
    assert set(kinds) == {"requested", "training_started", "version_registered", "promoted"}
    (asked,) = of(settings, request, "requested")
    (trained,) = of(settings, request, "version_registered")
    (begun,) = of(settings, request, "training_started")
    assert "new data" in asked.message
    assert asked.occurred_at <= begun.occurred_at <= trained.occurred_at
    assert trained.flow_run_id == begun.flow_run_id
    assert trained.model_version == champion_version(settings) == "1"
    told = figure(settings, "intent_retrainings_total", trigger="person", result="completed")
    assert told == 1


def test_a_training_that_is_killed_half_way_is_run_again(
    settings: TrainingSettings, serving: Serving
) -> None:
    before = champion_version(settings)
    with half_way(settings, "performance-1") as request:
        assert serving.kill("spawn_main")
    eventually(lambda: of(settings, request, "version_registered"), PATIENCE, every=0.5)
    assert len(of(settings, request, "training_failed")) == 1
    assert len(of(settings, request, "training_started")) == 2
    assert champion_version(settings) in (
        before,
        of(settings, request, "version_registered")[0].model_version,
    )


@pytest.mark.usefixtures("serving")
def test_a_prediction_is_traced_to_the_alert_that_caused_its_model(
    settings: TrainingSettings,
) -> None:
    request = "alert/performance-1"  # of the test before
    (trained,) = of(settings, request, "version_registered")
    version = str(trained.model_version)
    made = a_prediction("customer-7", model=settings.model_name, model_version=version)
    others = [codec.encode(a_prediction(f"customer-{number}")) for number in (70, 71)]
    bootstrap, topic = settings.kafka_bootstrap, settings.topic_predictions
    produce(bootstrap, topic, [others[0], codec.encode(made), others[1]], partition=2)

    done = command(settings, "trace", "customer-7", "--json")
    told = json.loads(done)
    run = told["model"]["tags"]
    assert told["prediction"]["model_version"] == told["model"]["version"] == version
    assert run["data.rows_sha256"]
    assert run["code.revision"]
    assert run["trigger.incident"] == told["alert"]["incident"] == "performance-1"
    assert run["trigger.flow_run_id"] == trained.flow_run_id
    assert told["alert"]["report_path"] == "/reports/r.html"
    assert told["missing"] == []
    kinds = [step["kind"] for step in told["steps"]]
    assert kinds[:2] == ["requested", "training_started"]
    assert {"training_failed", "version_registered"} <= set(kinds)

    for words in ("2:1", codec.encode(made).decode()):
        assert find_prediction(settings, words) == made
    text = render_text(trace_lineage(settings, made))
    for words in ("customer-7", f"version {version}", "rows_sha256", "less right", "/reports/r"):
        assert words in text
    for words in ("nobody", "2:9", "0:0", "{}"):
        with pytest.raises(BadSetting):
            find_prediction(settings, words)
    stranger = trace_lineage(
        settings, a_prediction("x", model=settings.model_name, model_version="99")
    )
    assert "no version 99" in render_text(stranger)


def test_when_all_is_killed_half_way_the_next_process_runs_it_again(
    settings: TrainingSettings, serving: Serving
) -> None:
    with half_way(settings, "performance-2") as request:
        serving.end()
    serving.start()
    assert deployment(settings)["schedules"][0]["active"]
    eventually(lambda: of(settings, request, "version_registered"), PATIENCE, every=0.5)
    assert len(of(settings, request, "training_started")) == 2


def test_a_request_waits_for_a_prefect_server_that_was_killed(
    settings: TrainingSettings, serving: Serving
) -> None:
    assert serving.kill("uvicorn") == 1
    request = drift(settings, "performance-3")
    eventually(lambda: of(settings, request, "requested"), PATIENCE)
    eventually(lambda: of(settings, request, "version_registered"), 2 * PATIENCE, every=0.5)
    assert serving.process.poll() is None


def test_deployment_that_was_deleted_is_created_again_and_still_trains(
    settings: TrainingSettings, serving: Serving
) -> None:
    eventually(lambda: deployment(settings), PATIENCE, every=0.5)
    deleted = deployment(settings)["id"]

    def is_deleted() -> bool:
        return prefect(settings, f"/deployments/{deleted}", "DELETE") is not None or is_new()

    def is_new() -> bool:
        found = deployment(settings)
        return bool(found) and found["id"] != deleted

    eventually(is_deleted, PATIENCE, every=0.5)  # a server that has just started may be too slow
    eventually(is_new, PATIENCE, every=0.5, told=serving.words)
    request = drift(settings, "performance-4")
    eventually(lambda: of(settings, request, "version_registered"), 2 * PATIENCE, every=0.5)
    assert serving.process.poll() is None


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
        code, said = failure(other, "serve")
    assert code == 7
    assert f"{HOST}:{port}" in said


@pytest.mark.usefixtures("serving")
def test_schedule_that_is_no_cron_expression_is_one_line_that_names_it(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f"http://{HOST}:{settings.prefect_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", server)  # saves the start of another
    wrong = settings.model_copy(
        update={"training_cron": "61 3 * * *", "training_port": free_ports(HOST, 1)[0]}
    )
    code, said = failure(wrong, "serve")
    assert code == 2
    assert "INTENT_TRAINING_CRON='61 3 * * *'" in said
    assert deployment(settings)["schedules"][0]["schedule"]["cron"] == CRON


def test_sigterm_ends_the_process_and_its_server_and_the_next_one_keeps_the_schedule(
    settings: TrainingSettings, serving: Serving
) -> None:
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(180) == 0
    assert not listening(settings)
    serving.start()
    found = deployment(settings)
    assert not found["paused"]
    assert found["schedules"][0]["active"]


def test_ctrl_c_ends_it_all_too(settings: TrainingSettings, serving: Serving) -> None:
    os.killpg(serving.process.pid, signal.SIGINT)
    assert serving.process.wait(180) == 0
    assert not listening(settings)
