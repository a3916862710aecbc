"""Runs `python -m producers`."""

import subprocess

from producers.settings import ProducerSettings
from tests.support.builders import start_module


def start_simulator(settings: ProducerSettings, *arguments: str) -> "subprocess.Popen[str]":
    """Starts the simulator; the caller ends it."""
    return start_module(
        settings,
        "producers",
        *arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def run_simulator(settings: ProducerSettings, *arguments: str) -> tuple[int, list[str]]:
    """Runs a simulator that ends by itself; returns exit code and lines of standard error."""
    process = start_simulator(settings, *arguments)
    try:
        _, errors = process.communicate(timeout=180)
    finally:
        process.kill()
    return process.returncode, errors.splitlines()
