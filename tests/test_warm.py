"""A program that the tests start warm is started as it would be cold."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contract.libraries import ENVIRONMENT_DEFAULTS
from intent.local.managed_process import ManagedProcess, Program
from tests.support import mirror, warm
from tests.support.builders import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is Linux that adopts orphans")

MIRROR = (sys.executable, "-m", mirror.__name__)


@pytest.fixture(autouse=True)
def _warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where INTENT_TEST_COLD is set."""
    monkeypatch.setattr(warm, "MODULES", warm.MODULES | {mirror.__name__})
    monkeypatch.setattr(subprocess, "Popen", warm.Popen)
    monkeypatch.setattr(warm.Popen, "env", {**os.environ, **ENVIRONMENT_DEFAULTS})


def seen(popen: Any, arguments: Sequence[str] = (), **given: Any) -> dict[str, Any]:
    with popen(
        [*MIRROR, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **given,
    ) as process:
        output, faults = process.communicate("told\n", timeout=60)
    assert faults == "said\n"
    return {**json.loads(output), "code": process.returncode}


@pytest.mark.parametrize("code", ["0", "7"])
@pytest.mark.parametrize("session", [True, False])
def test_program_sees_what_it_would_see_after_a_cold_start(
    tmp_path: Path, code: str, session: bool
) -> None:
    given: dict[str, Any] = {
        "env": {**os.environ, "OWN": "value"},
        "cwd": tmp_path,
        "start_new_session": session,
    }
    found = seen(warm.Popen, [code], **given)
    cold = seen(warm.COLD_POPEN, [code], **given)
    assert found.pop("libraries")
    assert not cold.pop("libraries")
    assert found == cold
    assert found["code"] == int(code)
    assert found["parent"] == os.getpid()


def test_signal_ends_it_as_any_other_child() -> None:
    process = subprocess.Popen(MIRROR, stdin=subprocess.PIPE)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    process.communicate()


def test_program_of_the_parent_death_wrapper_dies_with_its_parent(tmp_path: Path) -> None:
    child = ManagedProcess(Program("mirror", MIRROR), tmp_path / "log")
    eventually(lambda: child.exit_code is not None)
    (seen,) = (line for line in child.log.read_text().splitlines() if line.startswith("{"))
    assert json.loads(seen)["parent"] == os.getpid()


def double(number: int) -> tuple[int, bool]:
    return 2 * number, "mlflow" in sys.modules


def test_what_multiprocessing_spawns_has_the_libraries_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.util, "spawnv_passfds", warm._spawn)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(double, [21]) == (42, True)


def test_variables_that_the_interpreter_reads_when_it_starts_need_a_cold_start() -> None:
    found = seen(warm.Popen, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert not found["libraries"]
    assert found["streams"][1][0] == "iso8859-1"
