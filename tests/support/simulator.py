"""A simulator in a process of its own."""

import os
import subprocess
import sys

from producers.settings import ProducerSettings
from tests.support.builders import environment


def start(settings: ProducerSettings, *arguments: str) -> "subprocess.Popen[str]":
    """A process that publishes; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "producers", *arguments],
        env={**os.environ, **environment(settings)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(settings: ProducerSettings, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines on standard error of a process that ends by itself."""
    process = start(settings, *arguments)
    try:
        _, said = process.communicate(timeout=180)
    finally:
        process.kill()
    return process.returncode, said.splitlines()
