"""A process of the stack: last words, clean end, end by force, nothing left behind."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from contract.errors import WorkerFailed
from intent.local.child import Child, Program
from tests.support.builders import eventually


def child(tmp_path: Path, code: str, *, may_end: bool = False) -> Child:
    command = [sys.executable, "-c", code]
    return Child(Program("worker", command, may_end=may_end), tmp_path / "logs" / "worker.log")


def ended(process: Child) -> Child:
    eventually(lambda: process.exit_code is not None)
    return process


def test_a_failed_process_is_named_with_its_own_error_line(tmp_path: Path) -> None:
    code = "import sys; print('error: no model: train one'); print('bye'); sys.exit(6)"

    with pytest.raises(
        WorkerFailed, match="worker ended with code 6: no model: train one; its log is"
    ):
        ended(child(tmp_path, code)).check()


def test_without_an_error_line_its_last_lines_are_told(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed, match="ZeroDivisionError: division by zero"):
        ended(child(tmp_path, "1/0")).check()


def test_a_process_that_lasts_may_not_end_even_with_success(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed, match="code 0: it said nothing"):
        ended(child(tmp_path, "pass")).check()


def test_a_process_that_may_end_has_done_its_work(tmp_path: Path) -> None:
    ended(child(tmp_path, "pass", may_end=True)).check()


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for number in (1, 2):
        ended(child(tmp_path, f"print({number})"))

    assert (tmp_path / "logs" / "worker.log").read_text() == "2\n"
    assert (tmp_path / "logs" / "worker.log.1").read_text() == "1\n"


@pytest.mark.alone
def test_a_deaf_process_and_what_it_has_started_are_killed_in_time(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(inner.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = child(tmp_path, code)
    eventually(lambda: process.log.read_text().strip())
    inner = psutil.Process(int(process.log.read_text()))

    asked = time.monotonic()
    process.stop(patience=0.5)

    assert time.monotonic() - asked < 2
    assert process.exit_code == -signal.SIGKILL
    eventually(lambda: not inner.is_running() or inner.status() == psutil.STATUS_ZOMBIE, 5)


def test_a_ctrl_c_at_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    process = child(tmp_path, "import time; time.sleep(60)")

    assert os.getpgid(process.pid) == process.pid != os.getpgrp()

    process.stop(5)
    assert process.exit_code == -signal.SIGTERM
