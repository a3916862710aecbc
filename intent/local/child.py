"""A process of the stack: has a log of its own, dies with us, and is stopped within a deadline."""

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

LEASH: Final = Path(__file__).with_name("leash.py")
FRAME: Final = re.compile(r"\s|$|Traceback ")
"""How the lines begin that Python and Java put around a fault, and empty ones."""

NAMES_A_LOG: Final = "its log is"
"""In an error that names the log of a process of the process's own: one log is enough."""


@dataclass(frozen=True)
class Program:
    """What to run: in `folder`, with the variables `env`, ours if None.

    A program that `may_end` ends by itself when its work is done. `at_our_death` is the signal that
    it gets when we are killed: SIGKILL, or SIGTERM if it has processes of its own to take along.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    folder: Path | None = None
    may_end: bool = False
    at_our_death: signal.Signals = signal.SIGKILL


class Child:
    """A started process.

    It has a session of its own, so that the terminal's Ctrl-C reaches only us, who then stop the
    processes in their order. Start it from the main thread: the kernel takes the end of the thread
    that started a process for the end of its parent.
    """

    def __init__(self, program: Program, log: Path) -> None:
        writable_folder(log.parent)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))  # the last run's, for whoever looks for it
        self.program = program
        self.log = log
        promise = [str(os.getpid()), str(int(program.at_our_death))]
        leash = [sys.executable, "-I", "-S", str(LEASH), *promise]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*leash, *program.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=program.env,
                cwd=program.folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id, which is also that of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None for as long as it runs."""
        return self._process.poll()

    def check(self) -> None:
        """Raises `WorkerFailed` if the process has failed, or has ended and may not."""
        code = self.exit_code
        if code or (code == 0 and not self.program.may_end):
            ending = self.ending()
            where = "" if NAMES_A_LOG in ending else f"; {NAMES_A_LOG} {self.log}"
            raise WorkerFailed(f"{ending}{where}")

    def ending(self) -> str:
        """How an ended process ended, in its own words where it left any."""
        code = self._process.returncode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"the {self.program.name} {how}: {self.last_words()}"

    def last_words(self, lines: int = 3) -> str:
        """The log's last `error:` line, or else its last lines, as one."""
        written = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line.strip() for line in written if not FRAME.match(line)]
        errors = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
        return errors[-1] if errors else " | ".join(said[-lines:]) or "it said nothing"

    def ask_to_stop(self) -> None:
        """SIGTERM; does not wait."""
        if self.exit_code is None:
            self._process.terminate()

    def stop(self, patience: float) -> None:
        """Asks; after `patience` seconds kills. What the process itself has started goes too."""
        self.ask_to_stop()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._sweep()

    def _sweep(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
