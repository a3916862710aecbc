"""A scorer's worker in a process of its own, and what it has answered."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from confluent_kafka.admin import AdminClient

from contract import kafka as clients
from contract.schema import CARS
from stream_app.settings import ScorerSettings
from tests.support.builders import BUSY, environment, eventually, read_all

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
    predictions = [CARS.codec.decode_prediction(message.value()) for message in found]
    return sorted((each.partition, each.offset) for each in predictions)


def membership_that_is_over(settings: ScorerSettings) -> Any:
    """As of a worker whose partitions were given away: the broker aborts what it commits."""
    consumer = clients.create_consumer(settings, f"{settings.scorer_group}-before")
    consumer.subscribe([settings.topic_customers])

    def is_member() -> bool:
        consumer.poll(0.1)
        return bool(consumer.assignment())

    eventually(is_member, deadline=60)
    group = consumer.consumer_group_metadata()
    consumer.close()
    return group


def delete(admin: AdminClient, topic: str) -> None:
    (deleted,) = admin.delete_topics([topic], operation_timeout=10).values()
    deleted.result()
