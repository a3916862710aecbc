"""Builders of events, processes and topics that bypass the code under test, and `eventually`."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any, Final

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from msgspec.structs import replace

from contract import kafka
from contract.schema.cars import CustomerRecord
from contract.settings import Settings
from contract.settings import environment as settings_environment
from tests.support import warm

INTENT: Final = warm.INTENT
"""Path of the installed command."""

TOPIC_PREFIX: Final = "topic_"

SLOW_MACHINE_FACTOR: Final = 3
"""Factor on deadlines: other tests run beside it, perhaps on a slow machine."""

environment: Final = settings_environment
"""Environment variables that pass the settings to another process."""


def a_customer(**changes: Any) -> CustomerRecord:
    """A valid record with average values."""
    ordinary = CustomerRecord(gender="Female", age=40.0, annual_salary=72_500.0)
    return replace(ordinary, **changes)


@contextmanager
def intent_process(
    *arguments: str, env: Mapping[str, str], **streams: Any
) -> Iterator["subprocess.Popen[str]"]:
    """Runs `intent ...` in its own process group, as a terminal does; killed after the block."""
    with subprocess.Popen(
        [INTENT, *arguments], env=env, text=True, start_new_session=True, **streams
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def start_module(
    settings: Settings,
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    **streams: Any,
) -> "subprocess.Popen[str]":
    """Starts `python -m MODULE` with these settings; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment(settings), **(env or {})},
        text=True,
        **streams,
    )


def logging_to_a_file(
    start: Callable[[IO[str]], "subprocess.Popen[str]"],
) -> "subprocess.Popen[str]":
    """Starts a process with a file for its standard error, which `log_of` reads.

    A pipe that nobody reads would block the process once it is full.

    Args:
        start: Starts the process with this standard error.
    """
    log = TemporaryFile("a+", encoding="utf-8")  # noqa: SIM115  closed with the process
    process = start(log)
    process.stderr = log
    return process


def log_of(process: "subprocess.Popen[str]") -> str:
    """What a process that logs to a file has logged so far."""
    assert process.stderr is not None
    process.stderr.seek(0)  # it appends, so this does not move where it writes
    return process.stderr.read()


def unique_topics(own: str) -> dict[str, str]:
    """Topic settings with a unique suffix."""
    names = (name for name in Settings.model_fields if name.startswith(TOPIC_PREFIX))
    return {name: f"{name.removeprefix(TOPIC_PREFIX).replace('_', '-')}-{own}" for name in names}


def produce(
    bootstrap: str,
    topic: str,
    values: Iterable[bytes | None],
    *,
    key: bytes | None = None,
    headers: Mapping[str, bytes] | None = None,
    partition: int = -1,
    deadline: float = 20,
) -> None:
    """Produces the values in order; returns when the broker has stored all of them."""
    faults: list[object] = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1})
    for value in values:
        kafka.produce(
            producer,
            topic,
            value,
            key=key,
            headers=list((headers or {}).items()),
            partition=partition,
            on_delivery=lambda fault, _message: faults.append(fault) if fault else None,
        )
        producer.poll(0)
    assert producer.flush(SLOW_MACHINE_FACTOR * deadline) == 0, (
        f"the broker did not take all within {SLOW_MACHINE_FACTOR * deadline} s"
    )
    assert not faults, f"{len(faults)} records failed: {faults[0]}"


def read_all(
    bootstrap: str, topic: str, *, until: int | None = None, deadline: float = 20
) -> list[Message]:
    """Reads committed messages of all partitions, to their present ends or `until` so many.

    Fails after `deadline` seconds, as `eventually` does.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 50,
            "allow.auto.create.topics": False,
        }
    )
    ends_at = time.monotonic() + SLOW_MACHINE_FACTOR * deadline
    try:
        partitions = (
            consumer.list_topics(topic, timeout=SLOW_MACHINE_FACTOR * deadline)
            .topics[topic]
            .partitions
        )
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        return _read(consumer, set(partitions), until, ends_at)
    finally:
        consumer.close()


def _read(consumer: Consumer, unread: set[int], until: int | None, ends_at: float) -> list[Message]:
    received: list[Message] = []
    while unread if until is None else len(received) < until:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            received.append(message)
        elif message is not None:  # the end of a partition, for now
            unread.discard(message.partition())
        assert time.monotonic() < ends_at, f"only {len(received)} messages came in time"
    return received


@contextmanager
def continuous_writes(settings: Settings, topic: str) -> Iterator[Callable[[], bool]]:
    """Writes a message to partition 0 every 10 ms for ten seconds; yields whether it still runs.

    Consumers' fetches wait for a second meanwhile, so that none returns empty.
    """
    over = threading.Event()

    def write() -> None:
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "linger.ms": 0})
        for _ in range(1_000):
            producer.produce(topic, b"{}", partition=0)
            producer.flush(20)
            if over.wait(0.01):
                return

    writer = threading.Thread(target=write)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kafka, "_CONSUMER", {**kafka._CONSUMER, "fetch.wait.max.ms": 1_000})
        writer.start()
        try:
            yield writer.is_alive
        finally:
            over.set()
            writer.join()


def eventually(
    condition: Callable[[], object],
    deadline: float = 20,
    every: float = 0.05,
    describe: Callable[[], str] = str,
) -> None:
    """Polls until the condition is true.

    Args:
        condition: Polled every `every` seconds.
        deadline: Seconds on an idle machine. Tests get `SLOW_MACHINE_FACTOR` times as long.
        every: Seconds between two polls.
        describe: Text that is added to the failure.
    """
    ends_at = time.monotonic() + SLOW_MACHINE_FACTOR * deadline
    while not condition():
        assert time.monotonic() < ends_at, (
            f"not so within {SLOW_MACHINE_FACTOR * deadline} s {describe()}".rstrip()
        )
        time.sleep(every)
