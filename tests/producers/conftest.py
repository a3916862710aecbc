"""The producers in a process of their own."""

import os
import subprocess
import sys

import pytest

from producers.settings import ProducerSettings
from tests.builders import environment
from tests.conftest import SettingsFor
from tests.support.ports import free_ports


@pytest.fixture
def own(settings_for: SettingsFor) -> ProducerSettings:
    """Settings of a run on topics that nobody else has: good records, as fast as can be."""
    return settings_for(
        ProducerSettings,
        simulator_port=free_ports("127.0.0.1", 1)[0],
        rate=0,
        records=300,
        bad_share=0,
        outcome_delay=0.1,
    )


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
