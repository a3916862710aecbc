"""The workers of one group, each in its own process."""

import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from random import Random
from typing import Self

from contract.errors import BrokerUnreachable, WorkerFailed
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, log_of
from tests.support.ports import free_ports
from tests.support.scorer import is_ready, start_worker, with_changes

COMMAND = (sys.executable, "-X", "faulthandler", "-m", "stream_app")
"""SIGABRT makes it write the stacks of its threads."""

FAULTS = (BrokerUnreachable.exit_code, WorkerFailed.exit_code)
"""Exit codes with which a worker may end while the broker is down. It is then restarted."""

STARTS_WITHIN = 120
"""Seconds. A killed broker may have to return first."""


class Worker:
    """One worker."""

    def __init__(
        self, settings: ScorerSettings, name: str, command: Sequence[str] = COMMAND
    ) -> None:
        port = free_ports("127.0.0.1", 1)[0]
        self.name = name
        self.settings = with_changes(settings, worker_id=name, scorer_port=port)
        self._words = ""
        self.process = start_worker(self.settings, command)

    def is_ready(self) -> bool:
        return is_ready(self.settings)

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.process.kill()
        self.words()

    def abort(self) -> str:
        """Ends it with SIGABRT; returns its log and stacks."""
        self.process.send_signal(signal.SIGABRT)
        return f"{self.name}:\n{self.words()}"

    def words_so_far(self) -> str:
        """Its log so far."""
        return log_of(self.process)

    def words(self) -> str:
        """Its log, once it has ended."""
        with self.process:  # waits, and closes the log
            if not self._words:
                self.process.wait()
                self._words = log_of(self.process)
        return self._words


class Fleet:
    """Workers that join and leave.

    Attributes:
        workers: Those that run.
        faults: The error lines of workers that ended by themselves.
        logs: Of all workers that have ended.
    """

    def __init__(self, settings: ScorerSettings, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._names = (f"w{number}" for number in count())
        self.workers: list[Worker] = []
        self.faults: list[str] = []
        self.logs: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            for worker in self.workers:
                stack.callback(worker.kill)

    def join(self, name: str | None = None, command: Sequence[str] = COMMAND) -> Worker:
        """Starts a worker, by default with a new name."""
        worker = Worker(self._settings, name or next(self._names), command)
        self.workers.append(worker)
        return worker

    def one(self) -> Worker:
        """A random worker, as soon as it is ready."""
        number = self._random.randrange(len(self.workers))
        eventually(lambda: self._supervised(number).is_ready(), deadline=STARTS_WITHIN)
        return self.workers[number]

    def tend(self) -> None:
        """Restarts workers that have ended."""
        for number in range(len(self.workers)):
            self._supervised(number)

    def _supervised(self, number: int) -> Worker:
        """The worker, restarted if it has ended."""
        worker = self.workers[number]
        if worker.has_ended():
            log = self._ended(worker)
            assert "Traceback" not in log, log
            assert worker.process.returncode in FAULTS, log
            self.faults += [line for line in log.splitlines() if line.startswith("error: ")]
            worker = self.workers[number] = Worker(self._settings, worker.name)
        return worker

    def kill(self, worker: Worker) -> None:
        """SIGKILL."""
        worker.kill()
        self._ended(worker)
        self.workers.remove(worker)

    def leave(self, worker: Worker) -> None:
        """SIGTERM."""
        worker.process.terminate()
        worker.process.wait(90)
        log = self._ended(worker)
        # a starting worker just ends; without a broker, a worker gives up its batch
        assert worker.process.returncode in (0, -signal.SIGTERM, 10), log
        self.workers.remove(worker)

    def _ended(self, worker: Worker) -> str:
        """Keeps the log of a worker that has ended; returns it."""
        log = worker.words()
        self.logs.append(f"{worker.name}, exit code {worker.process.returncode}:\n{log}")
        return log
