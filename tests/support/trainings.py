"""`python -m training` as a process."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.builders import start_module
from training.settings import TrainingSettings

TIMEOUT = 150


@contextmanager
def training_process(
    settings: TrainingSettings, *arguments: str
) -> Iterator["subprocess.Popen[str]"]:
    """Starts a process of training; terminates it at the end of the block."""
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
        process.terminate()  # leaves time to stop its Prefect server
        process.communicate(timeout=60)


def run_training(settings: TrainingSettings, *arguments: str) -> tuple[int, list[str]]:
    """Runs a training until it ends; returns exit code and lines on standard error."""
    with training_process(settings, *arguments) as process:
        _, stderr = process.communicate(timeout=TIMEOUT)
    return process.returncode, stderr.splitlines()


def run_failing_training(settings: TrainingSettings, *arguments: str) -> tuple[int, str]:
    """Runs a training that must fail; returns exit code and its one line on standard error."""
    code, lines = run_training(settings, *arguments)
    assert len(lines) == 1, lines
    return code, lines[0]
