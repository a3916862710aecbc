"""A starting process times out only if it is inactive."""

import os
import signal
import subprocess
import sys

from contract.timeouts import InactivityTimeout, cpu_seconds
from tests.support.builders import eventually


class Machine:
    """A clock, and what the processes have used by it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.used = 0.0

    def patience(self, seconds: float) -> InactivityTimeout:
        return InactivityTimeout([1], seconds, used=lambda _: self.used, clock=lambda: self.now)

    def passes(self, seconds: float, used: float) -> None:
        self.now += seconds
        self.used += used


def test_slow_but_active_process_does_not_time_out() -> None:
    machine = Machine()
    patience = machine.patience(60)
    for _ in range(100):
        machine.passes(30, used=2)
        assert not patience.has_expired()


def test_inactive_process_times_out() -> None:
    machine = Machine()
    patience = machine.patience(60)
    machine.passes(5, used=4)
    assert not patience.has_expired()
    machine.passes(59, used=0.1)
    assert not patience.has_expired()
    machine.passes(2, used=0)
    assert patience.has_expired()


def test_cpu_time_includes_the_children_of_the_session() -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    with subprocess.Popen([sys.executable, "-c", burn], start_new_session=True) as process:
        try:
            eventually(lambda: cpu_seconds(frozenset([process.pid])) > 0.5, 60)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
