"""A program under measurement, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.scoring.settings import BenchSettings
from contract.errors import WorkerFailed
from contract.settings import env_variable, environment
from intent.local.ports import free_ports

PATIENCE = 10


@dataclass(frozen=True)
class Contender:
    """What to start.

    Attributes:
        name: as the tables call it.
        module: what Python runs.
        python: the interpreter, of its own environment where its dependencies need one.
        env: variables beside the settings.
    """

    name: str
    module: str
    python: Path = Path(sys.executable)
    env: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running(contender: Contender, settings: BenchSettings, log: Path) -> Iterator["psutil.Popen"]:
    """The contender's process, under a group that nobody had; stopped with the block."""
    own = {
        "scorer_port": free_ports("127.0.0.1", 1)[0],
        "scorer_group": settings.topic_predictions,
        "worker_id": settings.topic_predictions,
        "log_level": "WARNING",
    }
    told = {
        **environment(settings),
        **{env_variable(name): str(value) for name, value in own.items()},
    }
    with log.open("ab") as output:
        process = psutil.Popen(
            [str(contender.python), "-m", contender.module],
            env={**os.environ, **told, **contender.env},
            cwd=settings.data_dir,  # Faust leaves a folder where it is started
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    ended = WorkerFailed(f"{contender.name} ended by itself: see {log}")
    try:
        yield process
        if process.poll() is not None:
            raise ended
    except psutil.NoSuchProcess:
        raise ended from None
    finally:
        stop(process)


def stop(process: "psutil.Popen") -> None:
    """Asks the process to end, and ends it and its children if it does not."""
    try:
        children = process.children(recursive=True)
        process.terminate()
    except psutil.NoSuchProcess:  # it has ended by itself, which `running` tells
        return
    try:
        process.wait(PATIENCE)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()
