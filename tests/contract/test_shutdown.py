"""A process with several threads ends in time and with one line."""

import subprocess
import sys
import threading
import time

import pytest

from contract.errors import StorageFailed
from contract.shutdown import Shutdown

PROCESS = """
import signal, threading
from contract import process
from contract.errors import StorageFailed
from contract.shutdown import Shutdown

def fail(shutdown):
    with shutdown.on_failure():
        {thread}

def main():
    with Shutdown(process.stop_on_signal(), timeout={timeout}) as shutdown:
        threading.Thread(target=fail, args=[shutdown]).start()
        {main}
    shutdown.check()

process.run_main(main)
"""
STOPPED = "signal.raise_signal(signal.SIGTERM)"
STUCK = "threading.Event().wait()"
FAILS = "raise StorageFailed('the disk is full')"
TURNS = "while not shutdown.requested: threading.Event().wait(0.01)"


def ended(thread: str, main: str, timeout: float = 60) -> tuple[int, list[str]]:
    """Exit code and standard error of a process with such threads."""
    done = subprocess.run(
        [sys.executable, "-c", PROCESS.format(thread=thread, main=main, timeout=timeout)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr.splitlines()


def test_a_failed_thread_ends_the_process_with_its_line() -> None:
    assert ended(FAILS, TURNS) == (8, ["error: the disk is full"])


def test_a_failed_thread_ends_a_process_whose_main_thread_is_stuck() -> None:
    assert ended(FAILS, STUCK, timeout=0.3) == (8, ["error: the disk is full"])


def test_stuck_process_ends_within_the_shutdown_timeout() -> None:
    code, lines = ended("pass", f"{STOPPED}; {STUCK}", timeout=0.3)
    assert code == 10
    assert len(lines) == 1
    assert lines[0].startswith("error: shutdown not complete within 0.3 s")


def test_process_that_stops_in_time_exits_with_0() -> None:
    assert ended("pass", f"{STOPPED}\n        {TURNS}") == (0, [])


def test_signal_during_a_wait_causes_no_deadlock() -> None:
    """The handler runs in the main thread, which may hold the event's lock."""
    waits = (
        "signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGTERM)); "
        "signal.setitimer(signal.ITIMER_REAL, 1e-3, 1e-3); "
        "[shutdown._stop.wait(0) or shutdown._stop.clear() for _ in range(30_000)]; "
        "signal.setitimer(signal.ITIMER_REAL, 0)"
    )
    assert ended("pass", waits)[0] == 0


def test_the_first_of_several_failures_is_raised() -> None:
    with Shutdown(threading.Event()) as shutdown:
        for words in ("first", "second"):
            with shutdown.on_failure():
                raise StorageFailed(words)
        assert shutdown.requested
    with pytest.raises(StorageFailed, match="first"):
        shutdown.check()


def test_watching_thread_ends_with_its_block() -> None:
    with Shutdown(threading.Event(), timeout=0):
        pass
    deadline = time.monotonic() + 20
    while any(each.name == "shutdown" for each in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
