"""Measures how many records per second a contender drains from a backlog."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from confluent_kafka import Consumer, TopicPartition

from benchmarks.scoring import bench_topics
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import RunIncomplete, WorkerFailed
from contract.topics import topics

SAMPLE_INTERVAL = 0.01
TIMEOUT = 120.0


@dataclass(frozen=True)
class Sample:
    """Committed offsets and the contender's processor time at one moment."""

    offsets: int
    at: float
    processor_seconds: float


@dataclass(frozen=True)
class Drained:
    """One run.

    Attributes:
        first: The first sample with a commit.
        last: The sample with all records committed.
        peak_memory: Largest resident memory of the contender, bytes.
    """

    first: Sample
    last: Sample
    peak_memory: int

    @property
    def per_second(self) -> float:
        """Records per second between the two samples."""
        return (self.last.offsets - self.first.offsets) / (self.last.at - self.first.at)

    @property
    def processor_microseconds(self) -> float:
        """Processor time of the contender per record, microseconds."""
        spent = self.last.processor_seconds - self.first.processor_seconds
        return 1e6 * spent / (self.last.offsets - self.first.offsets)


def drain(contender: Contender, base: BenchSettings, count: int, log: Path) -> Drained:
    """Starts a contender on a backlog of `count` records and stops it when all are predicted.

    The time runs between commits, so it includes neither start nor stop. No consumer uses the
    processor meanwhile: only the committed offsets are sampled.

    Raises:
        WorkerFailed: The contender ended by itself.
        RunIncomplete: It did not commit all records in time, or was too fast to be sampled.
    """
    settings = bench_topics.create_output_topics(base)
    output = topics(settings).predictions
    offsets = bench_topics.CommittedOffsets(settings, output)
    with running(contender, settings, log) as process:
        samples, memory = _sample(process, offsets, count)
        read_committed(settings, count)
    if len(samples) < 2:
        raise RunIncomplete(
            f"{contender.name} was too fast to be sampled: raise INTENT_BENCH_RECORDS"
        )
    bench_topics.delete_topics(settings, output.name, settings.topic_dead_letters)
    return Drained(samples[0], samples[-1], memory)


def _sample(
    process: psutil.Popen, offsets: bench_topics.CommittedOffsets, count: int
) -> tuple[list[Sample], int]:
    """The samples from the first commit on, and the largest memory in bytes."""
    samples: list[Sample] = []
    memory = 0
    deadline = time.monotonic() + TIMEOUT
    while not samples or samples[-1].offsets < count:
        if process.poll() is not None:
            raise WorkerFailed(f"a contender ended with code {process.returncode} by itself")
        spent = process.cpu_times()
        sample = Sample(offsets.total(), time.perf_counter(), spent.user + spent.system)
        if sample.offsets:
            samples.append(sample)
        elif time.monotonic() > deadline:
            raise RunIncomplete(f"a contender committed nothing in {TIMEOUT:g} s")
        if time.monotonic() > deadline + TIMEOUT:
            raise RunIncomplete(
                f"a contender committed {sample.offsets} of {count} in {2 * TIMEOUT:g} s"
            )
        memory = max(memory, process.memory_info().rss)
        time.sleep(SAMPLE_INTERVAL)
    return samples, memory


def read_committed(settings: BenchSettings, count: int) -> None:
    """Reads `count` predictions with a read-committed consumer.

    The offsets include a marker for each transaction, so a small last batch may still be missing.

    Raises:
        RunIncomplete: There are fewer predictions.
    """
    consumer: Consumer = kafka.create_consumer(settings, "count")
    output = topics(settings).predictions
    consumer.assign([TopicPartition(output.name, number, 0) for number in range(output.partitions)])
    counted = 0
    deadline = time.monotonic() + TIMEOUT
    while counted < count and time.monotonic() < deadline:
        counted += sum(
            not message.error() for message in consumer.consume(100_000, SAMPLE_INTERVAL)
        )
    consumer.close()
    if counted < count:
        raise RunIncomplete(f"{counted} of {count} records have a prediction")
