"""A running container of ours: well or not, how much memory it takes, and how it ends."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from intent.local.managed_process import ManagedProcess, Program
from tests.deploy.engineless.sandbox import Sandbox
from tests.support.processes import child_processes

LOCAL = "127.0.0.1"


class Container:
    """Started at once. A replica has an `address` of its own to listen on."""

    def __init__(
        self, name: str, sandbox: Sandbox, logs: Path, address: str = "", own: Sequence[str] = ()
    ) -> None:
        self.name = name
        self._sandbox = sandbox
        self._given = {"INTENT_LISTEN_HOST": address} if address else {}
        self._address = address or LOCAL
        command = sandbox.command(own, hostname=name, **self._given)
        self.child = ManagedProcess(Program(name, command, env={}), logs / f"{name}.log")

    def well(self) -> bool:
        """What its health check says. Fails if it has ended."""
        self.child.check()
        check = [
            word.replace(LOCAL, self._address) for word in self._sandbox.health_check(**self._given)
        ]
        return subprocess.run(check, env={}, capture_output=True, check=False).returncode == 0

    def ended(self, deadline: float) -> int | None:
        """Its exit code, once it has ended by itself; None if it does not in time."""
        ends_at = time.monotonic() + deadline
        while self.child.exit_code is None and time.monotonic() < ends_at:
            time.sleep(0.1)
        return self.child.exit_code

    @property
    def megabytes(self) -> float:
        """Memory of all its processes, shared pages counted once each."""
        processes = child_processes(self.child.pid)
        return sum(process.memory_full_info().pss for process in processes) / 1e6

    def stop(self, deadline: float) -> int | None:
        """SIGTERM to its first process, as Docker does; its exit code, None if it did not end."""
        inside = [each for each in child_processes(self.child.pid) if each.name() != "bwrap"]
        inside[0].terminate()
        code = self.ended(deadline)
        self.child.stop(0)
        return code
