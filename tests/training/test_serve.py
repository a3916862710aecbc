"""`python -m training serve`: the deployment on a real Prefect server, and its schedule."""

import json
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from compose.local.ports import free_ports
from contract.settings import load
from tests.builders import eventually
from tests.training.test_process import PATIENCE, failure, started
from training.settings import TrainingSettings

CRON = "30 4 * * 1"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    return load(
        TrainingSettings,
        home=tmp_path_factory.mktemp("home"),
        training_cron=CRON,
        prefect_port=free_ports("127.0.0.1", 1)[0],
    )


@pytest.fixture(scope="module")
def serving(settings: TrainingSettings) -> Iterator["subprocess.Popen[str]"]:
    """A process whose deployment the server knows."""
    with started(settings, "serve") as process:
        eventually(lambda: process.poll() is not None or deployment(settings), PATIENCE, every=0.5)
        yield process


def deployment(settings: TrainingSettings) -> Any:
    """What the server says of the deployment; nothing if it does not know it yet."""
    name = f"training/{settings.deployment_name}"
    url = f"http://127.0.0.1:{settings.prefect_port}/api/deployments/name/{name}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return None


def test_deployment_is_registered_with_its_schedule_in_utc(
    settings: TrainingSettings, serving: "subprocess.Popen[str]"
) -> None:
    assert serving.poll() is None, serving.communicate()
    found = deployment(settings)
    assert not found["paused"]
    (schedule,) = found["schedules"]
    assert schedule["active"]
    assert schedule["schedule"]["cron"] == CRON
    assert schedule["schedule"]["timezone"] in (None, "UTC")
    assert found["entrypoint"] == "training.flow.retrain"


def test_port_of_the_server_already_taken_is_one_line_that_names_it(
    settings: TrainingSettings, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = settings.model_copy(update={"home": tmp_path, "prefect_port": port})
        code, said = failure(other, "serve")
    assert code == 7
    assert f"127.0.0.1:{port}" in said


@pytest.mark.usefixtures("serving")
def test_schedule_that_is_no_cron_expression_is_one_line_that_names_it(
    settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f"http://127.0.0.1:{settings.prefect_port}/api"
    monkeypatch.setenv("PREFECT_API_URL", server)  # saves the start of another
    wrong = settings.model_copy(update={"training_cron": "61 3 * * *"})
    code, said = failure(wrong, "serve")
    assert code == 2
    assert "INTENT_TRAINING_CRON='61 3 * * *'" in said
    assert deployment(settings)["schedules"][0]["schedule"]["cron"] == CRON


def test_sigterm_ends_the_process_and_its_server(
    settings: TrainingSettings, serving: "subprocess.Popen[str]"
) -> None:
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(20) == 0
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", settings.prefect_port)) != 0
