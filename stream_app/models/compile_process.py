"""Runs `python -m stream_app.models.compile` and reads its result, one line of JSON."""

import os
import signal
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.schema.task import DecisionRule
from contract.settings import Settings, environment
from contract.timeouts import InactivityTimeout

LOWEST_PRIORITY: Final = 19
"""The lowest priority of a process on Unix (nice value)."""

CRASHES: Final = frozenset(
    {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV}
)
"""Signals that end a process for a fault in native code."""

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""Environment of a process that leaves the cores to the worker."""


class CompileResult(msgspec.Struct, frozen=True, tag=True):
    """The result for a version that passed all checks.

    Attributes:
        version: ModelVersion number.
        sha256: Digest of its model file.
        folder: Folder of its files.
        compiled_file: File of its compiled model; None if it does not compile.
        rule: How its outputs become predictions.
        row_microseconds: Processor time of a row if it does not compile; else 0.
    """

    version: str
    sha256: str
    folder: str
    compiled_file: str | None
    rule: DecisionRule
    row_microseconds: float = 0.0


class CompileRejection(msgspec.Struct, frozen=True, tag=True):
    """The result for a version that failed a check."""

    reason: ModelRejectionReason
    message: str


class CompileProcess:
    """A running compile process.

    Args:
        settings: Of the worker.
        version: The version; None for the champion as MLflow reports it.
        low_priority: Use one thread, and only the processor time that the worker leaves.
    """

    def __init__(
        self, settings: Settings, version: ModelVersion | None, *, low_priority: bool
    ) -> None:
        self._stdout, self._stderr = TemporaryFile(), TemporaryFile()  # noqa: SIM115  see `result`
        for file in (self._stdout, self._stderr):  # nobody reads those of a cancelled process
            weakref.finalize(self, file.close)
        self._timeout = settings.startup_timeout
        arguments = [version.to_json().decode()] if version else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.compile", *arguments],
            env={
                **os.environ,
                **environment(settings),
                **(ONE_THREAD if low_priority else {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=self._stdout,
            stderr=self._stderr,
        )
        self._deadline = InactivityTimeout(
            [self._process.pid], self._timeout
        )  # the artifact store may hang
        _kill_first_without_memory(self._process.pid)
        if low_priority:
            _lower_priority(self._process.pid)

    def result(self, timeout: float = 0) -> CompileResult | CompileRejection | None:
        """The result; None if the process still runs after `timeout` seconds.

        Raises:
            ModelRejected: The process crashed in a library.
            ModelUnavailable: The process failed, or did nothing for INTENT_STARTUP_TIMEOUT.
        """
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            if not self._deadline.has_expired():
                return None
            self.kill()
            raise ModelUnavailable(
                f"the version was not downloaded and checked: no progress for {self._timeout:g} s: "
                "check that the registry and its artifact store answer, or raise "
                "INTENT_STARTUP_TIMEOUT"
            ) from None
        output, log_lines = (_read_lines(file) for file in (self._stdout, self._stderr))
        if output:
            result: CompileResult | CompileRejection = msgspec.json.decode(
                output[-1], type=CompileResult | CompileRejection
            )
            if isinstance(result, CompileResult):
                sys.stderr.writelines(f"{line}\n" for line in log_lines)
            return result
        if -self._process.returncode in CRASHES:
            raise ModelRejected(
                ModelRejectionReason.LOAD,
                f"the version crashed its library ({signal.strsignal(-self._process.returncode)}): "
                "its file is damaged, of another version of the library, or too large for "
                "INTENT_MODEL_MAX_MEMORY_MB",
            )
        if self._process.returncode == -signal.SIGKILL:
            raise ModelUnavailable(
                "the process that checks the version was killed, most likely because the machine "
                "or container has no memory left: give it more, or lower "
                "INTENT_MODEL_MAX_MEMORY_MB so that the version is rejected"
            )
        last_line = (log_lines or ["the compile process ended without output"])[-1]
        raise ModelUnavailable(last_line.removeprefix("error: "))

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self._process.wait()


def _read_lines(file: IO[bytes]) -> list[str]:
    with file:
        file.seek(0)
        return file.read().decode(errors="replace").splitlines()


def _kill_first_without_memory(pid: int) -> None:
    """Lets Linux, once no memory is left, kill this process and not the worker."""
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")


def _lower_priority(pid: int) -> None:
    """Lets a process use only cores that are idle, or as close to that as the system allows."""
    with suppress(OSError, AttributeError):  # the process has ended, or this is not Unix
        os.setpriority(os.PRIO_PROCESS, pid, LOWEST_PRIORITY)
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))  # Linux
