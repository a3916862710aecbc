"""Runs a program under measurement in a process of its own."""

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
from intent.local.network import free_ports

STOP_TIMEOUT = 10
"""Seconds within which a contender must end after SIGTERM."""


@dataclass(frozen=True)
class Contender:
    """A program to measure.

    Attributes:
        name: Name in the tables.
        module: Module that Python runs.
        python: Interpreter, of a separate environment if its dependencies need one.
        env: Environment variables in addition to the settings.
    """

    name: str
    module: str
    python: Path = Path(sys.executable)
    env: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running(contender: Contender, settings: BenchSettings, log: Path) -> Iterator["psutil.Popen"]:
    """Runs the contender in a new consumer group; stops it at the end of the block."""
    overrides = {
        "scorer_port": free_ports("127.0.0.1", 1)[0],
        "scorer_group": settings.topic_predictions,
        "worker_id": settings.topic_predictions,
        "log_level": "WARNING",
    }
    variables = {
        **environment(settings),
        **{env_variable(name): str(value) for name, value in overrides.items()},
    }
    with log.open("ab") as output:
        process = psutil.Popen(
            [str(contender.python), "-m", contender.module],
            env={**os.environ, **variables, **contender.env},
            cwd=settings.data_dir,  # Faust leaves a folder where it is started
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    ended = WorkerFailed(f"{contender.name} ended by itself: read {log}")
    try:
        yield process
        if process.poll() is not None:
            raise ended
    except psutil.NoSuchProcess:
        raise ended from None
    finally:
        stop(process)


def stop(process: "psutil.Popen") -> None:
    """Terminates the process; kills it and its children if it does not end in time."""
    try:
        children = process.children(recursive=True)
        process.terminate()
    except psutil.NoSuchProcess:  # it has ended by itself, which `running` reports
        return
    try:
        process.wait(STOP_TIMEOUT)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()
