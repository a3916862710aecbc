"""A training in a process of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.builders import start_module
from training.settings import TrainingSettings

PATIENCE = 150


@contextmanager
def started(settings: TrainingSettings, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of training; ended at the latest with the block."""
    process = start_module(
        settings,
        "training",
        *arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.terminate()  # with time to end the Prefect server that it started
        process.communicate(timeout=60)


def run(settings: TrainingSettings, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines on standard error of a process that ends by itself."""
    with started(settings, *arguments) as process:
        _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said.splitlines()


def failure(settings: TrainingSettings, *arguments: str) -> tuple[int, str]:
    """Exit code and the one line of a process that cannot do what it is asked to."""
    code, said = run(settings, *arguments)
    assert len(said) == 1, said
    return code, said[0]
