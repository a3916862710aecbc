"""The server that the flow reports to: the user's where there is one, else one of our own."""

import os
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
from tests.support.processes import children
from training import prefect_server

PATIENCE = 120.0


def test_server_of_the_user_that_does_not_answer_is_told_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(prefect_server, "ANSWERS_WITHIN", 0.1)
    with (
        prefect_server.prefect_server(tmp_path / "prefect", PATIENCE) as server,
        pytest.raises(WorkerFailed, match=r"http://127\.0\.0\.1:1/api: start it, or unset"),
    ):
        server.wait()
    assert not (tmp_path / "prefect").exists()
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"


def test_server_of_ours_that_ends_at_once_is_told_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts with this
    with (
        prefect_server.prefect_server(tmp_path, PATIENCE) as server,
        pytest.raises(WorkerFailed, match=rf"ended with code 1: its log is {tmp_path}/server\.log"),
    ):
        server.wait()
    assert "PREFECT_API_URL" not in os.environ
    assert (tmp_path / "server.log").read_bytes()


def test_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    file = tmp_path / "file"
    file.touch()
    with (
        pytest.raises(StorageFailed, match="INTENT_DATA_DIR"),
        prefect_server.prefect_server(file, PATIENCE),
    ):
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prefect_server.OwnServer]:
    """A server that answers, on a port that shows no pages."""
    own = prefect_server.OwnServer(tmp_path_factory.mktemp("prefect"), 0, PATIENCE)
    try:
        own.wait()
        yield own
    finally:
        own.stop()


def answer(url: str, **headers: str) -> tuple[int, Mapping[str, str]]:
    """Status and headers of a question that only somebody whom the server lets in may ask."""
    question = urllib.request.Request(f"{url}/flow_runs/count", data=b"{}", method="POST")  # noqa: S310
    for name, value in {"content-type": "application/json", **headers}.items():
        question.add_header(name, value)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(question) as found:
            return found.status, dict(found.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers)


def test_server_of_ours_lets_nobody_in_without_the_string_of_its_file(
    server: prefect_server.OwnServer,
) -> None:
    file = server._home / prefect_server.AUTH_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == server.auth
    assert answer(server.url)[0] == 401
    basic = f"Basic {b64encode(server.auth.encode()).decode()}"
    status, headers = answer(server.url, authorization=basic, origin="http://evil.example")
    assert status == 200
    assert "access-control-allow-origin" not in {name.lower() for name in headers}


def test_string_of_a_home_stays_the_same_and_is_no_other_homes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    first = prefect_server._auth_string(one)
    one.chmod(0o644)
    assert prefect_server._auth_string(one) == first != prefect_server._auth_string(other)
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_server_of_ours_that_hangs_or_was_killed_is_started_again(
    server: prefect_server.OwnServer,
) -> None:
    def living() -> set[int]:
        return {each.pid for each in children(os.getpid(), "uvicorn")}

    def replaced(old: set[int]) -> bool:
        return bool(living() - old)

    with server.kept_alive(hung_after=2):
        hung = living()
        for each in hung:
            os.kill(each, signal.SIGSTOP)
        eventually(lambda: replaced(hung), 120)
        assert not living() & hung
        killed = living()
        for each in killed:
            os.kill(each, signal.SIGKILL)
        eventually(lambda: replaced(killed), 120)


def test_server_that_does_nothing_is_given_up_and_the_setting_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(prefect_server, "_command", lambda _port: idle)
    server = prefect_server.OwnServer(tmp_path, 0, patience=2)
    try:
        with pytest.raises(WorkerFailed, match=r"done nothing for 2 s.*INTENT_STARTUP_TIMEOUT"):
            server.wait()
    finally:
        server.stop()
