"""A managed process: its error in the log, clean exit, kill, no process left behind."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from contract.errors import WorkerFailed
from intent.local.managed_process import ManagedProcess, Program
from tests.support.builders import eventually


def start(tmp_path: Path, code: str, *, may_exit: bool = False) -> ManagedProcess:
    command = [sys.executable, "-c", code]
    return ManagedProcess(
        Program("worker", command, may_exit=may_exit), tmp_path / "logs" / "worker.log"
    )


def exited(process: ManagedProcess) -> ManagedProcess:
    eventually(lambda: process.exit_code is not None)
    return process


def test_failed_process_is_reported_with_its_error_line(tmp_path: Path) -> None:
    code = "import sys; print('error: no model: train one'); print('bye'); sys.exit(6)"

    with pytest.raises(
        WorkerFailed, match="worker exited with code 6: no model: train one; its log is"
    ):
        exited(start(tmp_path, code)).check()


def test_without_an_error_line_the_last_lines_are_reported(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed, match="ZeroDivisionError: division by zero"):
        exited(start(tmp_path, "1/0")).check()


def test_long_running_process_must_not_exit_even_with_code_0(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed, match="code 0: it logged nothing"):
        exited(start(tmp_path, "pass")).check()


def test_process_that_may_exit_passes_the_check_after_code_0(tmp_path: Path) -> None:
    exited(start(tmp_path, "pass", may_exit=True)).check()


def test_log_of_the_previous_run_is_kept(tmp_path: Path) -> None:
    for number in (1, 2):
        exited(start(tmp_path, f"print({number})"))

    assert (tmp_path / "logs" / "worker.log").read_text() == "2\n"
    assert (tmp_path / "logs" / "worker.log.1").read_text() == "1\n"


@pytest.mark.alone
def test_process_that_ignores_sigterm_is_killed_with_its_children(
    tmp_path: Path,
) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(inner.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = start(tmp_path, code)
    eventually(lambda: process.log.read_text().strip())
    inner = psutil.Process(int(process.log.read_text()))

    asked = time.monotonic()
    process.stop(timeout=0.5)

    assert time.monotonic() - asked < 2
    assert process.exit_code == -signal.SIGKILL
    eventually(lambda: not inner.is_running() or inner.status() == psutil.STATUS_ZOMBIE, 5)


def test_ctrl_c_of_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    process = start(tmp_path, "import time; time.sleep(60)")

    assert os.getpgid(process.pid) == process.pid != os.getpgrp()

    process.stop(5)
    assert process.exit_code == -signal.SIGTERM
