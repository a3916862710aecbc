"""A simulator in a process of its own."""

import subprocess

from producers.settings import ProducerSettings
from tests.support.builders import start_module


def start_simulator(settings: ProducerSettings, *arguments: str) -> "subprocess.Popen[str]":
    """A process that publishes; the caller ends it."""
    return start_module(
        settings,
        "producers",
        *arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def run_simulator(settings: ProducerSettings, *arguments: str) -> tuple[int, list[str]]:
    """Exit code and lines on standard error of a process that ends by itself."""
    process = start_simulator(settings, *arguments)
    try:
        _, said = process.communicate(timeout=180)
    finally:
        process.kill()
    return process.returncode, said.splitlines()
