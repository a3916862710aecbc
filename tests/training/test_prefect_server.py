"""The server that the flow reports to: the user's where there is one, else one of our own."""

import os
from pathlib import Path

import pytest

from contract.errors import StorageFailed, WorkerFailed
from tests.builders import eventually
from tests.processes import children
from training import prefect_server


def test_server_of_the_user_that_does_not_answer_is_told_and_none_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(prefect_server, "ANSWERS_WITHIN", 0.1)
    with (
        prefect_server.prefect_server(tmp_path / "prefect") as server,
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
        prefect_server.prefect_server(tmp_path) as server,
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
    with pytest.raises(StorageFailed, match="INTENT_HOME"), prefect_server.prefect_server(file):
        pass


def test_server_of_ours_that_was_killed_is_started_again(tmp_path: Path) -> None:
    server = prefect_server.OwnServer(tmp_path, 0)
    try:
        server.wait()
        server.revive()
        (living,) = children(os.getpid(), "uvicorn")
        living.kill()

        def another() -> bool:
            server.revive()
            return children(os.getpid(), "uvicorn") not in ([], [living])

        eventually(another)
        server.wait()
    finally:
        server.stop()
