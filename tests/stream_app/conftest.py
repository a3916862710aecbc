"""A real worker in a process of its own."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from compose.local.ports import free_ports
from contract.settings import load
from stream_app.settings import ScorerSettings
from tests.builders import environment, eventually

OURS = (sys.executable, "-m", "stream_app")


@contextmanager
def worker(
    settings: ScorerSettings, command: Sequence[str] = OURS
) -> Iterator["subprocess.Popen[str]"]:
    """A worker that is ready; ended at the latest with the block."""
    process = start(settings, command)
    try:
        eventually(lambda: process.poll() is not None or ready(settings), deadline=60)
        assert process.poll() is None, process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def start(settings: ScorerSettings, command: Sequence[str] = OURS) -> "subprocess.Popen[str]":
    """A worker's process, ready or not."""
    return subprocess.Popen(
        command,
        env={**os.environ, **environment(settings)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ready(settings: ScorerSettings) -> bool:
    """Whether the worker says that it takes records."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.scorer_port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.fixture(scope="module")
def shared(
    kafka: str, champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ScorerSettings]:
    """The settings of a worker that runs for all tests of a module, on topics of its own."""
    home: Path = tmp_path_factory.mktemp("scorer")
    settings = load(
        ScorerSettings,
        **champion,
        kafka_bootstrap=kafka,
        home=home,
        worker_id=home.name,
        scorer_group=f"scorer-{home.parent.name}-{home.name}",
        scorer_port=free_ports("127.0.0.1", 1)[0],
        topic_customers=f"customers.{home.parent.name}.{home.name}",
        topic_predictions=f"predictions.{home.parent.name}.{home.name}",
        topic_outcomes=f"outcomes.{home.parent.name}.{home.name}",
        topic_dead_letters=f"dead-letters.{home.parent.name}.{home.name}",
    )
    with worker(settings):
        yield settings
