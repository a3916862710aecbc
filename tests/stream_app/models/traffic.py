"""Writes customers continuously, and reads their predictions."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Producer

from contract.events import Prediction
from contract.schema import CARS
from contract.settings import Settings
from tests.support.builders import read_all

VALUES = [
    b'{"Gender": "%s", "Age": %d, "AnnualSalary": %d}' % (gender, age, salary)
    for gender in (b"Male", b"Female")
    for age in (25, 38, 47, 58)
    for salary in (20_000, 67_500, 88_000, 131_000)
]


class Traffic:
    """Number of records sent so far."""

    def __init__(self) -> None:
        self.sent = 0


@contextmanager
def traffic(settings: Settings, rate: int) -> Iterator[Traffic]:
    """Sends records at a rate until the block ends, then waits for the broker to have all."""
    sent, stop = Traffic(), threading.Event()
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "linger.ms": 2})

    def send() -> None:
        started = time.monotonic()
        while not stop.wait(0.005):
            due = int((time.monotonic() - started) * rate)
            for number in range(sent.sent, due):
                producer.produce(settings.topic_customers, VALUES[number % len(VALUES)])
                producer.poll(0)
            sent.sent = max(sent.sent, due)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()
        assert producer.flush(30) == 0


def predictions(settings: Settings, topic: str, until: int | None = None) -> list[Prediction]:
    """All predictions of a topic; waits for `until` of them."""
    found = read_all(settings.kafka_bootstrap, topic, until=until, deadline=60)
    return [CARS.codec.decode_prediction(message.value()) for message in found]


def each_once(found: list[Prediction], count: int) -> bool:
    """Whether `count` records have exactly one prediction each."""
    places = Counter((each.partition, each.offset) for each in found)
    return len(places) == count and set(places.values()) == {1}


def versions_by_batch(found: list[Prediction]) -> dict[tuple[int, ...], set[str]]:
    """The versions that scored in the same millisecond and partition."""
    batches: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for each in found:
        batches[each.partition, each.scored_at].add(each.model_version)
    return batches
