"""Runs workers in their own processes, and reads their results."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka.admin import AdminClient

from contract import kafka as clients
from contract.schema import CARS
from stream_app.settings import ScorerSettings
from tests.support.builders import (
    SLOW_MACHINE_FACTOR,
    environment,
    eventually,
    log_of,
    logging_to_a_file,
    read_all,
)

WORKER_COMMAND = (sys.executable, "-m", "stream_app")


@contextmanager
def worker_process(
    settings: ScorerSettings, command: Sequence[str] = WORKER_COMMAND
) -> Iterator["subprocess.Popen[str]"]:
    """Runs a worker and waits until it is ready. It is killed at the end of the block."""
    with start_worker(settings, command) as process:
        try:
            eventually(lambda: process.poll() is not None or is_ready(settings), deadline=60)
            assert process.poll() is None, log_of(process)
            yield process
        finally:
            process.kill()
            sys.stderr.write(log_of(process))  # shown if the test fails


def start_worker(
    settings: ScorerSettings, command: Sequence[str] = WORKER_COMMAND
) -> "subprocess.Popen[str]":
    """Starts a worker, which logs to a file."""
    return logging_to_a_file(
        lambda log: subprocess.Popen(
            command,
            env={**os.environ, **environment(settings)},
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )
    )


def is_ready(settings: ScorerSettings) -> bool:
    """Whether the worker reports that it reads records."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.scorer_port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def with_changes(settings: ScorerSettings, **changes: object) -> ScorerSettings:
    """A copy of the settings with changes."""
    return settings.model_copy(update=changes)


def run_failing_worker(settings: ScorerSettings) -> tuple[int, list[str]]:
    """Exit code and standard error, without log lines, of a worker that cannot start."""
    with start_worker(settings) as process:
        try:
            code = process.wait(180)
        finally:
            process.kill()
        lines = log_of(process).splitlines()
    return code, [line for line in lines if not re.match(r"\S+ (INFO|WARNING) ", line)]


def await_worker_error(process: "subprocess.Popen[str]", deadline: float) -> tuple[int, str]:
    """Exit code and error line of a worker that must end by itself within the deadline."""
    try:
        code = process.wait(SLOW_MACHINE_FACTOR * deadline)
    finally:
        process.kill()
    output = log_of(process)
    assert "Traceback" not in output, output
    errors = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, output
    return code, errors[0].removeprefix("error: ")


def prediction_offsets(settings: ScorerSettings, until: int | None = None) -> list[tuple[int, int]]:
    """Partition and offset of all committed predictions; waits for `until` of them."""
    messages = read_all(
        settings.kafka_bootstrap, settings.topic_predictions, until=until, deadline=90
    )
    predictions = [CARS.codec.decode_prediction(message.value()) for message in messages]
    return sorted((each.partition, each.offset) for each in predictions)


def stale_membership(settings: ScorerSettings) -> Any:
    """The membership of a worker that has left its group: the broker rejects its commits."""
    consumer = clients.create_consumer(settings, f"{settings.scorer_group}-before")
    consumer.subscribe([settings.topic_customers])

    def is_member() -> bool:
        consumer.poll(0.1)
        return bool(consumer.assignment())

    eventually(is_member, deadline=60)
    group = consumer.consumer_group_metadata()
    consumer.close()
    return group


def delete_topic(admin: AdminClient, topic: str) -> None:
    (deleted,) = admin.delete_topics([topic], operation_timeout=10).values()
    deleted.result()
