"""Writes a backlog of customers, the same records for every contender."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from data.population import DATA_SET, RandomStreams

CHUNK_RECORDS = 10_000
START = 1_795_459_245_000


def write_backlog(settings: BenchSettings, count: int, seed: int = 7) -> None:
    """Writes `count` records of about 110 bytes, spread evenly over the partitions."""
    producer = kafka.create_producer(settings)
    values = customers(seed)
    for _ in range(0, count, CHUNK_RECORDS):
        chunk = list(itertools.islice(values, min(CHUNK_RECORDS, count)))
        for partition in range(settings.partitions):
            messages: list[dict[str, Any]] = [
                {"value": each, "partition": partition}
                for each in chunk[partition :: settings.partitions]
            ]
            kafka.produce_batch(producer, settings.topic_customers, messages)
    producer.flush()


def customers(seed: int) -> Iterator[bytes]:
    """An endless stream of customers of the data set's population, as JSON with id and time."""
    streams = RandomStreams.spawn(np.random.default_rng(seed))
    number = itertools.count()
    while True:
        drawn = DATA_SET.sample(CHUNK_RECORDS, streams)
        rows = zip(
            drawn.male.tolist(),
            drawn.age.tolist(),
            drawn.annual_salary.tolist(),
            number,
            strict=False,
        )
        for male, age, salary, each in rows:
            yield (
                b'{"id":"customer-%012d","event_time":%d,"Gender":"%s","Age":%d,"AnnualSalary":%d}'
                % (each, START + each, b"Male" if male else b"Female", age, salary)
            )
