"""The process `compile`, as the worker that waits for it sees it."""

import os
import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from contract.errors import ModelUnavailable
from contract.settings import Settings, environment
from contract.timeouts import InactivityTimeout
from stream_app.model.answer import Answer, Refusal

LEAST_URGENT: Final = 19
"""Of the priorities that Unix has."""

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""Environment of a process that leaves the cores to the worker beside it."""


class Elsewhere:
    """One such process. `beside` a worker that scores, it takes what that leaves of the cores."""

    def __init__(self, settings: Settings, number: str | None, *, beside: bool) -> None:
        told = environment(settings)
        self._said, self._logged = TemporaryFile(), TemporaryFile()  # noqa: SIM115  see `answer`
        self._limit = settings.startup_timeout
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stream_app.model.compile", *([number] if number else [])],
            env={**os.environ, **told, **(ONE_THREAD if beside else {})},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._logged,
        )
        self._patience = InactivityTimeout(
            [self._process.pid], self._limit
        )  # an artifact store may hang
        if beside:
            _yield(self._process.pid)

    def answer(self, wait: float = 0) -> Answer | Refusal | None:
        """What it found; None if it has not after so many seconds. Raises `ModelUnavailable`."""
        try:
            self._process.wait(wait)
        except subprocess.TimeoutExpired:
            if not self._patience.has_expired():
                return None
            self.end()
            raise ModelUnavailable(
                f"the version was not fetched and checked, and nothing was done for "
                f"{self._limit:g} s: check that the registry and its artifact store answer, or "
                "raise INTENT_STARTUP_TIMEOUT"
            ) from None
        said, logged = (self._read(each) for each in (self._said, self._logged))
        if said:
            told: Answer | Refusal = msgspec.json.decode(said[-1], type=Answer | Refusal)
            if isinstance(told, Answer):
                sys.stderr.writelines(f"{line}\n" for line in logged)
            return told
        raise ModelUnavailable((logged or ["it said nothing"])[-1].removeprefix("error: "))

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self._process.kill()
        self._process.wait()

    @staticmethod
    def _read(file: IO[bytes]) -> list[str]:
        with file:
            file.seek(0)
            return file.read().decode(errors="replace").splitlines()


def _yield(pid: int) -> None:
    """Lets a process run only where no other one wants to, or as nearly so as the system can."""
    with suppress(OSError, AttributeError):  # it is through already, or this is no Unix
        os.setpriority(os.PRIO_PROCESS, pid, LEAST_URGENT)
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))  # Linux
