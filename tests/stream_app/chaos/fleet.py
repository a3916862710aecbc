"""The workers of one group, each in a process of its own."""

import signal
import subprocess
from contextlib import ExitStack
from itertools import count
from random import Random
from typing import Self

from compose.local.ports import free_ports
from stream_app.settings import ScorerSettings
from tests.builders import eventually
from tests.stream_app.conftest import changed, ready, start

STARTS_WITHIN = 120
"""Seconds: a broker that was killed may have to come back first."""


class Worker:
    """One worker."""

    def __init__(self, settings: ScorerSettings, name: str) -> None:
        port = free_ports("127.0.0.1", 1)[0]
        self.name = name
        self.settings = changed(settings, worker_id=name, scorer_port=port)
        self.process: subprocess.Popen[str] = start(self.settings)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()[1]
        return ready(self.settings)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class Fleet:
    """Workers that come and go."""

    def __init__(self, settings: ScorerSettings, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._names = (f"w{number}" for number in count())
        self.workers: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            for worker in self.workers:
                stack.callback(worker.kill)

    def join(self, name: str | None = None) -> Worker:
        """Starts a worker, under a new name if none is given."""
        worker = Worker(self._settings, name or next(self._names))
        self.workers.append(worker)
        return worker

    def one(self) -> Worker:
        """Any of the workers, as soon as it is ready."""
        worker = self._random.choice(self.workers)
        eventually(worker.is_ready, deadline=STARTS_WITHIN)
        return worker

    def kill(self, worker: Worker) -> None:
        """SIGKILL."""
        worker.kill()
        self.workers.remove(worker)

    def leave(self, worker: Worker) -> None:
        """SIGTERM."""
        worker.process.terminate()
        said = worker.process.communicate(timeout=30)[1]
        # one that is still starting just ends; one whose broker is away gives up its batch
        assert worker.process.returncode in (0, -signal.SIGTERM, 10), said
        self.workers.remove(worker)
