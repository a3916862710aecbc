"""Stages and a registry that wants a login: what each needs of it, and what a refusal is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from contract.errors import RegistryDenied
from contract.libraries import configure_libraries
from contract.settings import Settings, load
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from tests.security.registry_server import ADMIN, BASIC, BEARER, TOKEN, let_edit, let_in, server
from tests.support.cluster import run_stage
from tests.support.fixtures import S, SettingsFor
from tests.support.monitor import get_page, monitoring_process
from tests.support.ports import free_ports
from tests.support.scorer import worker_process
from training.settings import TrainingSettings
from training.steps import train_and_promote

PASSWORDS: Final = {"trainer": "pass-of-the-trainer-Wk8", "reader": "pass-of-the-reader-Zd3"}
WRONG: Final = "wrong-pass-Jx5"
MODEL: Final = "guarded"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one with two users, once its admin has trained a first model."""
    folder = tmp_path_factory.mktemp("guarded")
    with server(folder, BASIC) as address:
        train(training(address, folder, **login(*ADMIN)))
        for user, password in PASSWORDS.items():
            let_in(address, user, password)
        let_edit(address, "trainer", MODEL)
        yield address


def train(settings: TrainingSettings) -> str:
    """The version of a training in this process, which does not keep the login."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("USERNAME", "PASSWORD", "TOKEN"):
            patch.setenv(f"MLFLOW_TRACKING_{name}", "")
        configure_libraries(settings)
        return train_and_promote(settings)


def login(user: str, password: str = "") -> dict[str, Any]:
    return {
        "mlflow_username": user,
        "mlflow_password": SecretStr(password or PASSWORDS.get(user, "")),
    }


def training(address: str, home: Path, **given: Any) -> TrainingSettings:
    """Settings of a training that takes a second."""
    return load(TrainingSettings, mlflow_uri=address, model_name=MODEL, data_dir=home, **given)


def own(cls: type[S], settings_for: SettingsFor, address: str, **given: Any) -> S:
    """Settings of a stage that serves pages, on topics that nobody else has."""
    ports = {
        name: free_ports("127.0.0.1", 1)[0] for name in cls.model_fields if name.endswith("_port")
    }
    return settings_for(cls, **{"mlflow_uri": address, "model_name": MODEL, **ports, **given})


@pytest.fixture(params=["variables", "files"])
def reader(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """The login of one who may read alone; out of a file it counts before what variables say."""
    if request.param == "variables":
        return login("reader")
    (tmp_path / "password").write_text(f"{PASSWORDS['reader']}\n")
    monkeypatch.setenv("INTENT_MLFLOW_PASSWORD_FILE", str(tmp_path / "password"))
    return login("reader", WRONG)


def test_scorer_takes_its_model_with_the_right_to_read_alone(
    guarded: str, settings_for: SettingsFor, reader: dict[str, Any]
) -> None:
    with worker_process(own(ScorerSettings, settings_for, guarded, **reader)):
        pass  # it is ready, and so has its model


def test_monitoring_takes_its_reference_with_the_right_to_read_alone(
    guarded: str, settings_for: SettingsFor, reader: dict[str, Any]
) -> None:
    settings = own(MonitoringSettings, settings_for, guarded, **reader)
    with monitoring_process(settings):
        assert get_page(settings, "/healthz")


def test_training_trains_again_with_the_right_to_edit_and_its_login_out_of_a_file(
    guarded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(PASSWORDS["trainer"])
    monkeypatch.setenv("INTENT_MLFLOW_PASSWORD", WRONG)
    monkeypatch.setenv("INTENT_MLFLOW_PASSWORD_FILE", str(tmp_path / "password"))
    assert train(training(guarded, tmp_path, lookback_hours=0, mlflow_username="trainer")) == "2"


def test_training_without_edit_permission_is_reported(guarded: str, tmp_path: Path) -> None:
    with pytest.raises(RegistryDenied, match="INTENT_MLFLOW_PASSWORD"):
        train(training(guarded, tmp_path, lookback_hours=0, **login("reader")))


MODULES: Final[dict[str, type[Settings]]] = {
    "stream_app": ScorerSettings,
    "monitoring": MonitoringSettings,
    "training": TrainingSettings,
}


@pytest.mark.parametrize("module", MODULES)
def test_wrong_password_is_one_line_without_the_password(
    guarded: str, settings_for: SettingsFor, module: str
) -> None:
    settings = own(
        MODULES[module], settings_for, guarded, log_level="DEBUG", **login("reader", WRONG)
    )
    assert_denied(*run_stage(settings, module, INTENT_DEBUG="1"), WRONG)


def assert_denied(code: int, output: str, secret: str) -> None:
    """It ended with one line that names the settings, and the secret is in none."""
    assert code == RegistryDenied.exit_code, output
    (line,) = [each for each in output.splitlines() if each.startswith("error: ")]
    assert "denied access" in line
    assert "INTENT_MLFLOW_PASSWORD" in line
    assert secret not in output


def test_token_is_accepted_too(tmp_path: Path, settings_for: SettingsFor) -> None:
    with server(tmp_path, BEARER) as address:
        token = {"mlflow_token": SecretStr(TOKEN)}
        train(training(address, tmp_path, **token))
        with worker_process(own(ScorerSettings, settings_for, address, **token)):
            pass  # it is ready, and so has its model
        refused = training(address, tmp_path, mlflow_token=SecretStr(WRONG))
        assert_denied(*run_stage(refused, "training"), WRONG)
