"""How many records a second a contender drains from a backlog."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from confluent_kafka import Consumer, TopicPartition

from benchmarks.scoring import pipeline
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import RunIncomplete, WorkerFailed
from contract.topics import topics

LOOK_EVERY = 0.01
PATIENCE = 120.0


@dataclass(frozen=True)
class Look:
    """What was seen at one moment: committed offsets, and the contender's use of the processor."""

    offsets: int
    at: float
    processor_seconds: float


@dataclass(frozen=True)
class Drained:
    """One run.

    Attributes:
        first: the look that saw the first commit.
        last: the look that saw all records committed.
        peak_memory: largest resident memory of the contender that was seen, bytes.
    """

    first: Look
    last: Look
    peak_memory: int

    @property
    def per_second(self) -> float:
        """Records a second between the two looks."""
        return (self.last.offsets - self.first.offsets) / (self.last.at - self.first.at)

    @property
    def processor_microseconds(self) -> float:
        """Processor time of the contender for one record, microseconds."""
        spent = self.last.processor_seconds - self.first.processor_seconds
        return 1e6 * spent / (self.last.offsets - self.first.offsets)


def drain(contender: Contender, given: BenchSettings, count: int, log: Path) -> Drained:
    """Starts a contender on a backlog of `count` records and stops it when all are predicted.

    The clock runs between commits, so neither start nor stop is in the time, and no consumer
    takes the processor meanwhile: only the committed ends of the partitions are looked at.
    Raises `WorkerFailed` or `RunIncomplete`.
    """
    settings = pipeline.with_output(given)
    output = topics(settings).predictions
    ends = pipeline.Ends(settings, output)
    with running(contender, settings, log) as process:
        looks, memory = _watched(process, ends, count)
        read_committed(settings, count)
    if len(looks) < 2:
        raise RunIncomplete(f"{contender.name} was too fast to be seen: raise INTENT_BENCH_RECORDS")
    pipeline.delete(settings, output.name, settings.topic_dead_letters)
    return Drained(looks[0], looks[-1], memory)


def _watched(process: psutil.Popen, ends: pipeline.Ends, count: int) -> tuple[list[Look], int]:
    """The looks from the first commit on, and the largest memory that was seen, bytes."""
    looks: list[Look] = []
    memory = 0
    deadline = time.monotonic() + PATIENCE
    while not looks or looks[-1].offsets < count:
        if process.poll() is not None:
            raise WorkerFailed(f"a contender ended with code {process.returncode} by itself")
        spent = process.cpu_times()
        look = Look(ends.total(), time.perf_counter(), spent.user + spent.system)
        if look.offsets:
            looks.append(look)
        elif time.monotonic() > deadline:
            raise RunIncomplete(f"a contender committed nothing in {PATIENCE:g} s")
        if time.monotonic() > deadline + PATIENCE:
            raise RunIncomplete(f"a contender made {look.offsets} of {count} in {2 * PATIENCE:g} s")
        memory = max(memory, process.memory_info().rss)
        time.sleep(LOOK_EVERY)
    return looks, memory


def read_committed(settings: BenchSettings, count: int) -> None:
    """Reads until a read-committed consumer has had so many predictions.

    The ends hold a marker for each transaction too, so a small last batch may be under way yet.
    Raises `RunIncomplete`.
    """
    consumer: Consumer = kafka.create_consumer(settings, "count")
    output = topics(settings).predictions
    consumer.assign([TopicPartition(output.name, number, 0) for number in range(output.partitions)])
    counted = 0
    deadline = time.monotonic() + PATIENCE
    while counted < count and time.monotonic() < deadline:
        counted += sum(not message.error() for message in consumer.consume(100_000, LOOK_EVERY))
    consumer.close()
    if counted < count:
        raise RunIncomplete(f"{counted} of {count} records have a prediction")
