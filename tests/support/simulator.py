"""Runs `python -m producers`."""

import subprocess

from producers.settings import ProducerSettings
from tests.support.builders import start_module


def start_simulator(
    settings: ProducerSettings, *arguments: str, module: str = "producers"
) -> "subprocess.Popen[str]":
    """Starts the simulator; the caller ends it."""
    return start_module(
        settings,
        module,
        *arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def run_simulate_command(settings: ProducerSettings, *options: str) -> tuple[int, list[str]]:
    """Runs `intent simulate`; returns the same as `run_simulator`."""
    return run_simulator(settings, "simulate", *options, module="intent.cli")


def run_simulator(
    settings: ProducerSettings, *arguments: str, module: str = "producers"
) -> tuple[int, list[str]]:
    """Runs a simulator that ends by itself; returns exit code and lines of standard error."""
    process = start_simulator(settings, *arguments, module=module)
    try:
        _, errors = process.communicate(timeout=180)
    finally:
        process.kill()
    return process.returncode, errors.splitlines()
