"""What the tests share: events, and reading and writing topics without the code under test."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from msgspec.structs import replace

from contract import kafka
from contract.schema.cars import CustomerRecord
from contract.settings import Settings
from contract.settings import environment as settings_environment
from tests.support import warm

INTENT: Final = warm.INTENT
"""The command, as people call it."""

TOPIC: Final = "topic_"

BUSY: Final = 3
"""How much longer something may take beside other tests, and on a machine half as fast."""

environment: Final = settings_environment
"""The variables that give a process of its own the same settings."""


def a_customer(**changes: Any) -> CustomerRecord:
    """A valid record, of the data set's most ordinary customer."""
    ordinary = CustomerRecord(gender="Female", age=40.0, annual_salary=72_500.0)
    return replace(ordinary, **changes)


@contextmanager
def job(
    *arguments: str, env: Mapping[str, str], **streams: Any
) -> Iterator["subprocess.Popen[str]"]:
    """`intent ...` as a terminal's job: Ctrl-C is for its whole group. Ended with the block."""
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
    """`python -m MODULE` with these settings, in a process of its own; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment(settings), **(env or {})},
        text=True,
        **streams,
    )


def own_topics(own: str) -> dict[str, str]:
    """Settings that name topics which nobody else has."""
    names = (name for name in Settings.model_fields if name.startswith(TOPIC))
    return {name: f"{name.removeprefix(TOPIC).replace('_', '-')}-{own}" for name in names}


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
    """Writes the values in their order; returns when the broker has them all."""
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
    assert producer.flush(BUSY * deadline) == 0, (
        f"the broker did not take all within {BUSY * deadline} s"
    )
    assert not faults, faults


def read_all(
    bootstrap: str, topic: str, *, until: int | None = None, deadline: float = 20
) -> list[Message]:
    """Committed messages of all partitions: up to their present ends, or `until` that many came.

    Fails if they did not come within `deadline` seconds, as with `eventually`.
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
    ends_at = time.monotonic() + BUSY * deadline
    try:
        partitions = consumer.list_topics(topic, timeout=BUSY * deadline).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        return _read(consumer, set(partitions), until, ends_at)
    finally:
        consumer.close()


def _read(consumer: Consumer, unread: set[int], until: int | None, ends_at: float) -> list[Message]:
    found: list[Message] = []
    while unread if until is None else len(found) < until:
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            found.append(message)
        elif message is not None:  # the end of a partition, for now
            unread.discard(message.partition())
        assert time.monotonic() < ends_at, f"only {len(found)} messages came in time"
    return found


@contextmanager
def written_all_the_time(settings: Settings, topic: str) -> Iterator[Callable[[], bool]]:
    """Partition 0 gets a message every 10 ms for ten seconds; yields whether it still does.

    A fetch of ours waits for a second meanwhile, so that none comes back empty.
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
    told: Callable[[], str] = str,
) -> None:
    """Waits until the condition is true; fails if it is not within `deadline` seconds.

    The deadline is that of an idle machine: tests that run beside it get `BUSY` times as long.
    `told` says what else the failure is to tell.
    """
    ends_at = time.monotonic() + BUSY * deadline
    while not condition():
        assert time.monotonic() < ends_at, f"not so within {BUSY * deadline} s {told()}".rstrip()
        time.sleep(every)
