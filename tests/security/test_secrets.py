"""No secret is in what a process says or leaves on disk, at any log level, whatever fails."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from contract.settings import Settings
from deploy.cluster.roles import USER
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from tests.support.cluster import ADMIN, PASSWORD, TOKEN, Cluster, read_latin1, start_stage
from tests.support.ports import free_ports
from training.settings import TrainingSettings

IN_AN_ADDRESS: Final = "in-an-address-Ty5"
MLFLOW: Final = "mlflow-pass-Uv8"
NOWHERE: Final = f"http://somebody:{IN_AN_ADDRESS}@127.0.0.1:1"
"""A registry that does not answer, with a login in its address."""
WRONG: Final = "wrong-pass-Np4"

SECRETS: Final = (
    IN_AN_ADDRESS,
    MLFLOW,
    TOKEN,
    WRONG,
    ADMIN,
    *(PASSWORD.format(role=role) for role in ("producer", "scorer", "monitoring", "redrive")),
)

ROLE: Final[dict[str, tuple[type[Settings], str]]] = {
    "producers": (ProducerSettings, "producer"),
    "stream_app": (ScorerSettings, "scorer"),
    "intent.cli": (ScorerSettings, "redrive"),
    "monitoring": (MonitoringSettings, "monitoring"),
    "training": (TrainingSettings, "training"),
    "deploy.cluster": (Settings, "scorer"),
}
ARGUMENTS: Final = {"intent.cli": ("dead-letters", "list"), "deploy.cluster": ("apply",)}


@contextmanager
def all_stages(
    cluster: Cluster, folder: Path, **changes: Any
) -> Iterator[dict[str, "subprocess.Popen[str]"]]:
    """Every stage's process with all its secrets, at the level that says most."""
    with ExitStack() as running:
        processes = {}
        for module, (cls, role) in ROLE.items():
            ports = {
                name: free_ports("127.0.0.1", 1)[0] for name in cls.model_fields if "_port" in name
            }
            settings = cluster.settings(
                cls,
                role,
                **{
                    **ports,
                    "data_dir": folder / module,
                    "log_level": "DEBUG",
                    "listen_token": SecretStr(TOKEN),
                    "mlflow_uri": NOWHERE,
                    "mlflow_username": "somebody",
                    "mlflow_password": SecretStr(MLFLOW),
                    **({"records": 100, "rate": 0} if module == "producers" else {}),
                    **changes,
                },
            )
            process = start_stage(settings, module, *ARGUMENTS.get(module, ()), INTENT_DEBUG="1")
            running.callback(process.kill)
            processes[module] = process
        yield processes


def said_by_all(cluster: Cluster, folder: Path, **changes: Any) -> dict[str, tuple[int, str]]:
    """Exit code and all words of each, what it left on disk among them."""
    with all_stages(cluster, folder, **changes) as processes:
        output = {}
        for module, process in processes.items():
            words, _ = process.communicate(timeout=360)
            left = [read_latin1(path) for path in (folder / module).rglob("*") if path.is_file()]
            output[module] = (process.returncode, "\n".join([words, *left]))
        return output


def assert_silent(output: dict[str, tuple[int, str]]) -> None:
    for module, (_, words) in output.items():
        for secret in SECRETS:
            assert secret not in words, f"{module} tells {secret}"


def test_no_secret_is_printed_without_a_registry(cluster: Cluster, tmp_path: Path) -> None:
    output = said_by_all(cluster, tmp_path)
    assert_silent(output)
    assert output["producers"][0] == output["intent.cli"][0] == 0, output
    for module in ("stream_app", "training"):
        code, words = output[module]
        assert code, module
        assert "http://***@127.0.0.1:1" in words, f"{module} names the registry: {words[-2000:]}"
    assert USER.format(role="scorer") in output["deploy.cluster"][1], "refused, and says whom"


@pytest.mark.parametrize("login", [{"kafka_password": SecretStr(WRONG)}], ids=["a wrong password"])
def test_no_secret_is_printed_if_the_broker_rejects_the_login(
    cluster: Cluster, tmp_path: Path, login: dict[str, Any]
) -> None:
    output = said_by_all(cluster, tmp_path, **login)
    assert_silent(output)
    for module in set(ROLE) - {"training"}:
        assert output[module][0], module
        assert "rejected the connection" in output[module][1], output[module]
