"""A process of the local pipeline: logs to its own file, dies with us, stops within a timeout."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.errors import WorkerFailed
from contract.folders import writable_folder

PARENT_DEATH_WRAPPER: Final = Path(__file__).with_name("parent_death_wrapper.py")

TRACEBACK_LINE: Final = re.compile(r"\s|$|Traceback ")
"""Start of the lines that Python and Java print around an error, and of empty lines."""

NAMES_A_LOG: Final = "its log is"
"""In an error that already names a log file, for example that of a child's child."""


@dataclass(frozen=True)
class Program:
    """A command to run.

    Attributes:
        name: Name in messages and of the log file.
        command: Absolute path of the executable and its arguments.
        env: Environment variables; None is our own environment.
        folder: Working directory; None is ours.
        may_exit: Whether it exits by itself when its work is done.
        parent_death_signal: Signal that it receives when our process is killed: SIGKILL, or SIGTERM
            if it has child processes of its own to stop.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    folder: Path | None = None
    may_exit: bool = False
    parent_death_signal: signal.Signals = signal.SIGKILL


class ManagedProcess:
    """A started process.

    It runs in its own session, so that the terminal's Ctrl-C reaches only us; we then stop the
    processes in order. Start it from the main thread: Linux sends the parent-death signal when the
    thread that started a process ends.

    Args:
        program: What to run.
        log: File for standard output and standard error. The previous run's log is kept with the
            suffix `.1`.
    """

    def __init__(self, program: Program, log: Path) -> None:
        writable_folder(log.parent)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))
        self.program = program
        self.log = log
        arguments = [str(os.getpid()), str(int(program.parent_death_signal))]
        wrapper = [sys.executable, "-I", "-S", str(PARENT_DEATH_WRAPPER), *arguments]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*wrapper, *program.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=program.env,
                cwd=program.folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id; also the id of its process group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def check(self) -> None:
        """Raises `WorkerFailed` if the process failed, or exited although it must not."""
        code = self.exit_code
        if code or (code == 0 and not self.program.may_exit):
            description = self.describe_exit()
            log = "" if NAMES_A_LOG in description else f"; {NAMES_A_LOG} {self.log}"
            raise WorkerFailed(f"{description}{log}")

    def describe_exit(self) -> str:
        """How the process exited, with the error that it logged."""
        code = self._process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"exited with code {code}"
        return f"the {self.program.name} {how}: {self.last_log_lines()}"

    def last_log_lines(self, lines: int = 3) -> str:
        """The log's last `error:` line, else its last lines, joined to one line."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        logged = [line.strip() for line in text.splitlines() if not TRACEBACK_LINE.match(line)]
        errors = [line.removeprefix("error: ") for line in logged if line.startswith("error: ")]
        return errors[-1] if errors else " | ".join(logged[-lines:]) or "it logged nothing"

    def terminate(self) -> None:
        """Sends SIGTERM; does not wait."""
        if self.exit_code is None:
            self._process.terminate()

    def stop(self, timeout: float) -> None:
        """Sends SIGTERM, and SIGKILL after `timeout` seconds. Kills the processes it started."""
        self.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._kill_group()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
