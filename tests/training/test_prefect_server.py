"""The Prefect server: the external one if there is one, otherwise a local one."""

import errno
import os
import re
import signal
import stat
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from contract.errors import StorageFailed, WorkerFailed
from tests.support.builders import eventually
from tests.support.processes import child_processes
from training import prefect_server

STARTUP_TIMEOUT = 120.0


def test_external_server_that_does_not_answer_is_an_error_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(prefect_server, "RESPONSE_TIMEOUT", 0.1)
    with (
        prefect_server.prefect_server(tmp_path / "prefect", STARTUP_TIMEOUT) as server,
        pytest.raises(WorkerFailed, match=r"http://127\.0\.0\.1:1/api: start it, or unset"),
    ):
        server.wait_until_ready()
    assert not (tmp_path / "prefect").exists()
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"


def test_local_server_that_ends_at_once_is_an_error_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts with this
    with (
        prefect_server.prefect_server(tmp_path, STARTUP_TIMEOUT) as server,
        pytest.raises(WorkerFailed, match=rf"ended with code 1: its log is {tmp_path}/server\.log"),
    ):
        server.wait_until_ready()
    assert "PREFECT_API_URL" not in os.environ
    assert (tmp_path / "server.log").read_bytes()


def test_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    file = tmp_path / "file"
    file.touch()
    with (
        pytest.raises(StorageFailed, match="INTENT_DATA_DIR"),
        prefect_server.prefect_server(file, STARTUP_TIMEOUT),
    ):
        pass


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prefect_server.LocalServer]:
    """A server without web pages."""
    local = prefect_server.LocalServer(tmp_path_factory.mktemp("prefect"), 0, STARTUP_TIMEOUT)
    try:
        yield local
    finally:
        local.stop()


@pytest.fixture
def server(shared_server: prefect_server.LocalServer) -> prefect_server.LocalServer:
    """A server that answers, whatever an earlier test did to it."""
    shared_server.wait_until_ready()
    return shared_server


def request_status(url: str, **headers: str) -> tuple[int, Mapping[str, str]]:
    """Status and headers of a request that needs the credentials."""
    request = urllib.request.Request(f"{url}/flow_runs/count", data=b"{}", method="POST")  # noqa: S310
    for name, value in {"content-type": "application/json", **headers}.items():
        request.add_header(name, value)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
            return response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


def test_local_server_admits_nobody_without_the_credentials(
    server: prefect_server.LocalServer,
) -> None:
    file = server._home / prefect_server.AUTH_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == server.auth
    assert request_status(server.url)[0] == 401
    basic = f"Basic {b64encode(server.auth.encode()).decode()}"
    status, headers = request_status(server.url, authorization=basic, origin="http://evil.example")
    assert status == 200
    assert "access-control-allow-origin" not in {name.lower() for name in headers}


def test_credentials_of_a_data_directory_stay_the_same_and_are_its_own(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    first = prefect_server._auth_string(one)
    one.chmod(0o644)
    assert prefect_server._auth_string(one) == first != prefect_server._auth_string(other)
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_local_server_that_hangs_or_was_killed_is_restarted(
    server: prefect_server.LocalServer,
) -> None:
    def living() -> set[int]:
        return {process.pid for process in child_processes(os.getpid(), "uvicorn")}

    def replaced(old: set[int]) -> bool:
        return bool(living() - old)

    with server.supervised(hang_timeout=2):
        hung = living()
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        eventually(lambda: replaced(hung), 120)
        assert not living() & hung
        killed = living()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: replaced(killed), 120)


@pytest.mark.parametrize("damaged", [b"", b"\0" * 51, b"intent:", b"\xff\xfei\0"])
def test_damaged_credentials_are_made_again(tmp_path: Path, damaged: bytes) -> None:
    file = tmp_path / "auth"
    file.write_bytes(damaged)
    made = prefect_server._auth_string(file)
    assert re.fullmatch(r"intent:[\w-]{43}", made)
    assert prefect_server._auth_string(file) == made


def test_restart_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the machine has no memory or file descriptors for a moment."""
    monkeypatch.setattr(prefect_server, "_command", lambda _port: [sys.executable, "-S", "-c", ""])
    server = prefect_server.LocalServer(tmp_path, 0, STARTUP_TIMEOUT)
    starts: list[int] = []
    start = server._start

    def fail_once() -> None:
        starts.append(len(starts))
        if starts == [0]:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        start()

    monkeypatch.setattr(server, "_start", fail_once)
    try:
        with server.supervised(hang_timeout=0.1):
            eventually(lambda: len(starts) > 1)
    finally:
        server.stop()


def test_server_without_progress_is_an_error_that_names_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(prefect_server, "_command", lambda _port: idle)
    server = prefect_server.LocalServer(tmp_path, 0, startup_timeout=2)
    try:
        with pytest.raises(WorkerFailed, match=r"made no progress for 2 s.*INTENT_STARTUP_TIMEOUT"):
            server.wait_until_ready()
    finally:
        server.stop()
