"""Registries read without MLflow return what MLflow returns, from tables and over HTTP."""

import base64
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from contract.errors import ModelUnavailable
from contract.registry import DIGEST_TAG, THRESHOLD_TAG
from contract.schema.task import DEFAULT_THRESHOLD
from contract.settings import load
from stream_app.models.compile import compile_version
from stream_app.models.initial_model import load_initial_model
from stream_app.models.registries import create_registry, mlflow_client, rest_registry
from stream_app.models.registries.credentials import authorization_header
from stream_app.models.registries.registry import ModelRegistry, RegistryUnavailable
from stream_app.models.registries.rest_registry import RestRegistry
from stream_app.settings import ScorerSettings
from tests.support.builders import environment, eventually
from tests.support.ports import free_ports
from tests.support.raw_server import BROKEN_RESPONSES, OK, UNEXPECTED_BODIES, raw_server
from tests.support.versions import MODEL_NAME, RegistryCopy, copy_registry, register_version
from training.settings import TrainingSettings


def registry_of(settings: ScorerSettings) -> ModelRegistry:
    found = create_registry(settings)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def served(
    versions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, RegistryCopy]]:
    """An MLflow server with a registry and its own artifacts."""
    folder = tmp_path_factory.mktemp("server")
    own = copy_registry(versions, folder)
    port = free_ports("127.0.0.1", 1)[0]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--backend-store-uri", own.uri),
            *("--artifacts-destination", str(folder / "artifacts"), "--workers", "1"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},  # seven more processes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        client = RestRegistry(address, MODEL_NAME)
        eventually(lambda: _answers(client), deadline=180, every=0.5)
        yield address, own
    finally:
        os.killpg(server.pid, 15)
        server.wait(60)


def _answers(client: RestRegistry) -> bool:
    try:
        return bool(client.aliases())
    except RegistryUnavailable:
        return False


def test_sqlite_registry_returns_what_mlflow_returns(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    own_registry.point("challenger", "3")
    reported = own_registry.client.get_model_version(MODEL_NAME, "3")
    ours = registry_of(uncached_settings)
    version = ours.version("3")
    assert ours.aliases() == {"champion": "1", "challenger": "3"}
    assert version.sha256 == reported.tags[DIGEST_TAG]
    assert version.folder is not None
    uri = own_registry.client.get_model_version_download_uri(MODEL_NAME, "3")
    assert version.folder.as_uri() == uri
    assert version.rule.threshold == DEFAULT_THRESHOLD
    own_registry.client.set_model_version_tag(MODEL_NAME, "3", THRESHOLD_TAG, "0.0125")
    assert ours.version("3").rule.threshold == 0.0125
    assert mlflow_client.get_version(uncached_settings, "3").rule.threshold == 0.0125


def test_rest_registry_returns_what_the_sqlite_registry_returns(
    served: tuple[str, RegistryCopy], uncached_settings: ScorerSettings
) -> None:
    address, own = served
    ours = RestRegistry(f"{address}/", MODEL_NAME)
    own.point("previous", "2")
    assert ours.aliases() == {"champion": "1", "previous": "2"}
    assert ours.version("2").sha256 == registry_of(uncached_settings).version("2").sha256
    assert ours.version("2").rule.threshold == DEFAULT_THRESHOLD
    own.client.set_model_version_tag(MODEL_NAME, "2", THRESHOLD_TAG, "0.0125")
    assert ours.version("2").rule.threshold == 0.0125
    with pytest.raises(RegistryUnavailable, match="RESOURCE_DOES_NOT_EXIST"):
        ours.version("99")
    with pytest.raises(RegistryUnavailable, match="RESOURCE_DOES_NOT_EXIST"):
        RestRegistry(address, "nobody").aliases()


def test_model_of_a_server_is_downloaded_once_and_starts_again_without_mlflow(
    served: tuple[str, RegistryCopy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # on a busy machine
    address, own = served
    training = load(TrainingSettings, mlflow_uri=address, model_name="proxied", data_dir=tmp_path)
    register_version(training, "random_forest")
    own.client.set_registered_model_alias("proxied", "champion", "1")
    settings = load(
        ScorerSettings, mlflow_uri=address, model_name="proxied", data_dir=tmp_path / "worker"
    )
    reported = compile_version(settings)
    assert settings.data_dir in Path(reported.folder).parents
    assert load_initial_model(settings).is_compiled
    program = (
        "import sys; from stream_app.models.initial_model import load_initial_model;"
        "from contract.settings import Settings, load; load_initial_model(load(Settings));"
        "print({'mlflow', 'sklearn', 'pandas', 'scipy'} & sys.modules.keys())"
    )
    output = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment(settings), "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.stdout.strip() == "set()", output.stderr


def test_absent_registry_is_unavailable(uncached_settings: ScorerSettings, tmp_path: Path) -> None:
    for uri in ("http://127.0.0.1:1", f"sqlite:///{tmp_path}/nowhere/mlflow.db"):
        with pytest.raises(RegistryUnavailable):
            registry_of(uncached_settings.model_copy(update={"mlflow_uri": uri})).aliases()


@pytest.mark.parametrize(
    "answer",
    [*BROKEN_RESPONSES.values(), *UNEXPECTED_BODIES.values()],
    ids=[*BROKEN_RESPONSES, *UNEXPECTED_BODIES],
)
def test_server_with_invalid_responses_is_unavailable(answer: bytes) -> None:
    with raw_server(answer) as address, pytest.raises(RegistryUnavailable, match=address):
        RestRegistry(address, MODEL_NAME).aliases()


def test_server_that_sends_byte_by_byte_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_registry, "REQUEST_TIMEOUT", 0.5)
    with raw_server(OK + b"\r\n", drips=b" ") as address, pytest.raises(RegistryUnavailable):
        RestRegistry(address, MODEL_NAME).aliases()


def test_worker_starts_with_the_last_serving_version_if_the_registry_is_broken(
    uncached_settings: ScorerSettings,
) -> None:
    assert load_initial_model(uncached_settings).version == "1"
    with raw_server(BROKEN_RESPONSES["no HTTP"]) as address:
        away = uncached_settings.model_copy(update={"mlflow_uri": address})
        assert load_initial_model(away).version == "1"
        shutil.rmtree(away.data_dir / "compiled")  # as a model that cannot be compiled has none
        assert load_initial_model(away).version == "1"


def test_damaged_registry_file_is_unavailable(
    uncached_settings: ScorerSettings, tmp_path: Path
) -> None:
    (tmp_path / "damaged.db").write_bytes(b"no database" * 1_000)
    settings = uncached_settings.model_copy(
        update={"mlflow_uri": f"sqlite:///{tmp_path}/damaged.db"}
    )
    with pytest.raises(RegistryUnavailable):
        registry_of(settings).aliases()
    with pytest.raises(ModelUnavailable, match="file is not a database"):
        mlflow_client.get_version(settings)


def test_tables_of_another_mlflow_version_are_unavailable(
    uncached_settings: ScorerSettings, tmp_path: Path
) -> None:
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(tmp_path / "other.db") as tables:
        tables.execute("CREATE TABLE model_versions (name TEXT)")
    with pytest.raises(RegistryUnavailable):
        registry_of(
            uncached_settings.model_copy(update={"mlflow_uri": f"sqlite:///{tmp_path}/other.db"})
        ).aliases()


def test_registry_that_only_mlflow_can_read_is_not_created(
    uncached_settings: ScorerSettings,
) -> None:
    uri = "postgresql://nobody@127.0.0.1:1/mlflow"
    assert create_registry(uncached_settings.model_copy(update={"mlflow_uri": uri})) is None


@pytest.fixture
def strange_server() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A server that redirects or answers HTML, and the requests that it received."""
    requests: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append((self.path, self.headers["Authorization"]))
            redirects = "registered-models" in self.path
            self.send_response(302 if redirects else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            if not redirects:
                self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()
    thread.join()


def test_credentials_are_not_sent_to_the_target_of_a_redirect(
    strange_server: tuple[str, list[tuple[str, str | None]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, requests = strange_server
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    with pytest.raises(RegistryUnavailable):
        RestRegistry(f"http://{address}/base", "a model").aliases()
    assert requests == [
        ("/base/api/2.0/mlflow/registered-models/get?name=a+model", "Bearer secret"),
        ("/elsewhere", None),
    ]


def test_credentials_are_read_from_the_same_places_as_by_mlflow(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def basic(name: str, secret: str) -> str:
        return f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"

    monkeypatch.setenv("HOME", str(tmp_path))
    assert authorization_header() is None
    assert authorization_header("in%40address", "pw") == basic("in@address", "pw")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "token")
    assert authorization_header("in", "address") == "Bearer token"
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text(
        "[mlflow]\nmlflow_tracking_username = filed\nmlflow_tracking_password = p%w\n"
    )
    assert authorization_header() == basic("filed", "p%w")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "reported")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pw")
    assert authorization_header() == basic("reported", "pw")
