"""How many records a second a contender drains from a backlog."""

import time
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from benchmarks.scoring import pipeline
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import RunIncomplete, WorkerFailed
from contract.topics import topics

LOOK_EVERY = 0.02
PATIENCE = 60.0


@dataclass(frozen=True)
class Drained:
    """One run.

    Attributes:
        records: committed predictions, as a read-committed consumer counted them afterwards.
        seconds: from the first commit that was seen to the last.
        per_second: records of the commits after the first, by that time.
        peak_memory: largest resident memory of the contender that was seen, bytes.
    """

    records: int
    seconds: float
    per_second: float
    peak_memory: int


def drain(contender: Contender, given: BenchSettings, count: int, log: Path) -> Drained:
    """Starts a contender on a backlog of `count` records and stops it when all are predicted.

    The clock runs between commits, so neither start nor stop is in the time, and no consumer
    takes the processor meanwhile: only the committed ends of the partitions are looked at.
    """
    settings = pipeline.with_output(given)
    output = topics(settings).predictions
    ends = pipeline.Ends(settings, output)
    memory = 0
    first = first_at = None
    deadline = time.monotonic() + PATIENCE
    with running(contender, settings, log) as process:
        while True:
            found, at = ends.total(), time.perf_counter()
            if first is None and found:
                first, first_at = found, at
            if found >= count:
                break
            if process.poll() is not None:
                raise WorkerFailed(f"{contender.name} ended by itself: see {log}")
            if time.monotonic() > deadline:
                raise RunIncomplete(f"{contender.name} made {found} of {count} in {PATIENCE} s")
            memory = max(memory, process.memory_info().rss)
            time.sleep(LOOK_EVERY)
    counted = count_committed(settings, count)
    pipeline.delete(settings, output.name, settings.topic_dead_letters)
    seconds = at - (first_at or at)
    return Drained(counted, seconds, (count - (first or 0)) / max(seconds, 1e-9), memory)


def count_committed(settings: BenchSettings, at_least: int) -> int:
    """Reads all predictions as a read-committed consumer. Raises `RunIncomplete` for too few."""
    consumer: Consumer = kafka.consumer(settings, "count", enable_partition_eof=True)
    output = topics(settings).predictions
    unread = set(range(output.partitions))
    consumer.assign([TopicPartition(output.name, number, 0) for number in unread])
    counted = 0
    while unread:
        for message in consumer.consume(100_000, 1):
            if message.error() is None:
                counted += 1
            else:
                unread.discard(message.partition())
    consumer.close()
    if counted < at_least:
        raise RunIncomplete(f"{counted} of {at_least} records have a prediction")
    return counted
