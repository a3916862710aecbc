"""A real worker in a process of its own."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import pytest

from contract import codec
from contract import kafka as clients
from contract.kafka import ensure_topics
from contract.settings import load
from contract.topics import MEBIBYTE, topics
from stream_app.settings import ScorerSettings
from tests.builders import BUSY, environment, eventually, own_topics, read_all
from tests.conftest import Knowing, SettingsFor
from tests.support.ports import free_ports

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
        sys.stderr.write(process.communicate()[1] or "")  # shown where the test fails


def start(
    settings: ScorerSettings, command: Sequence[str] = OURS, log: IO[str] | int = subprocess.PIPE
) -> "subprocess.Popen[str]":
    """A worker's process, ready or not; what it says goes to the log."""
    return subprocess.Popen(
        command,
        env={**os.environ, **environment(settings)},
        stdout=subprocess.DEVNULL,
        stderr=log,
        text=True,
    )


def ready(settings: ScorerSettings) -> bool:
    """Whether the worker says that it takes records."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.scorer_port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.fixture(scope="session")
def shared(
    kafka: str,
    champion: dict[str, str],
    knowing: Knowing,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ScorerSettings]:
    """The settings of a worker that runs for all tests, on topics of its own.

    Its `customers` takes larger records than ours do, as a user's own topic may.
    """
    home: Path = knowing(tmp_path_factory.mktemp("scorer"))
    name = f"scorer-{uuid4().hex[:12]}"
    settings = load(
        ScorerSettings,
        **champion,
        **own_topics(name),
        kafka_bootstrap=kafka,
        home=home,
        worker_id=home.name,
        scorer_group=name,
        scorer_port=free_ports("127.0.0.1", 1)[0],
        dead_letter_count=0,
    )
    ensure_topics(settings, [replace(topics(settings).customers, max_message_bytes=12 * MEBIBYTE)])
    with worker(settings):
        yield settings


@pytest.fixture
def own(settings_for: SettingsFor, champion: dict[str, str], knowing: Knowing) -> ScorerSettings:
    """Settings of a worker on topics that nobody else has, which has scored with the champion."""
    settings = settings_for(
        ScorerSettings,
        **champion,
        worker_id="w",
        scorer_group=f"scorer-{time.time_ns()}",
        scorer_port=free_ports("127.0.0.1", 1)[0],
        session_timeout=6,
    )
    knowing(settings.home)
    return settings


def changed(settings: ScorerSettings, **changes: object) -> ScorerSettings:
    """The settings, some of them changed."""
    return settings.model_copy(update=changes)


def failure(settings: ScorerSettings) -> tuple[int, list[str]]:
    """Exit code and standard error of a worker that cannot start, without its log's lines."""
    process = start(settings)
    try:
        _, said = process.communicate(timeout=180)
    finally:
        process.kill()
    lines = [line for line in said.splitlines() if not re.match(r"\S+ (INFO|WARNING) ", line)]
    return process.returncode, lines


def fault(process: "subprocess.Popen[str]", deadline: float) -> tuple[int, str]:
    """Exit code and the one line of a worker that ends by itself in time."""
    try:
        _, said = process.communicate(timeout=BUSY * deadline)
    finally:
        process.kill()
    assert "Traceback" not in said, said
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, said
    return process.returncode, errors[0].removeprefix("error: ")


def places(settings: ScorerSettings, until: int | None = None) -> list[tuple[int, int]]:
    """Partition and offset of every committed prediction; of `until` so many if that is given."""
    found = read_all(settings.kafka_bootstrap, settings.topic_predictions, until=until, deadline=90)
    predictions = [codec.decode_prediction(message.value()) for message in found]
    return sorted((each.partition, each.offset) for each in predictions)


def membership_that_is_over(settings: ScorerSettings) -> Any:
    """As of a worker whose partitions were given away: the broker aborts what it commits."""
    consumer = clients.consumer(settings, f"{settings.scorer_group}-before")
    consumer.subscribe([settings.topic_customers])

    def is_member() -> bool:
        consumer.poll(0.1)
        return bool(consumer.assignment())

    eventually(is_member, deadline=60)
    group = consumer.consumer_group_metadata()
    consumer.close()
    return group
