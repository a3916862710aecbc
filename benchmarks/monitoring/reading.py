"""Records a second: the monitoring beside a consumer that reads the same and does nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from confluent_kafka import Consumer, TopicPartition

from contract import kafka
from contract.errors import RunIncomplete, WorkerFailed
from contract.settings import environment
from intent.local.scrape import scrape
from monitoring.consumer import MOST
from monitoring.settings import MonitoringSettings

PATIENCE: Final = 300.0
LOOK_EVERY: Final = 0.1


@dataclass(frozen=True)
class Read:
    """One reading: records a second, and the largest resident memory that was seen, bytes."""

    per_second: float
    peak_memory: int


def bare(settings: MonitoringSettings, records: int) -> float:
    """Records a second of a bare read-committed consumer with the same client settings."""
    consumer: Consumer = kafka.consumer(settings, "bare")
    topics = settings.topic_customers, settings.topic_predictions
    places = [TopicPartition(t, number, 0) for t in topics for number in range(settings.partitions)]
    consumer.assign(places)
    read = len(consumer.consume(MOST, PATIENCE))
    before, began = read, time.perf_counter()
    while read < records:
        read += len(consumer.consume(MOST, 1))
    seconds = time.perf_counter() - began
    consumer.close()
    return (read - before) / seconds


def monitoring(settings: MonitoringSettings, records: int, log: Path) -> Read:
    """The process itself, from its first records to its last, reports included.

    Raises `WorkerFailed` or `RunIncomplete`.
    """
    env = environment(settings)
    with log.open("ab") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "monitoring"],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        return _watched(process, lambda: _seen(settings), records)
    finally:
        process.terminate()
        process.wait()


def _watched(process: psutil.Popen, seen: Callable[[], float], records: int) -> Read:
    first: tuple[float, float] | None = None
    memory, deadline = 0, time.monotonic() + PATIENCE
    while True:
        if process.poll() is not None:
            raise WorkerFailed(f"the monitoring ended with code {process.returncode}")
        if time.monotonic() > deadline:
            raise RunIncomplete(f"the monitoring has not read all in {PATIENCE:g} s")
        read, now = seen(), time.perf_counter()
        memory = max(memory, process.memory_info().rss)
        if read and first is None:
            first = read, now
        if read >= records and first is not None:
            return Read((read - first[0]) / (now - first[1]), memory)
        time.sleep(LOOK_EVERY)


def _seen(settings: MonitoringSettings) -> float:
    samples = scrape(settings.listen_host, settings.monitoring_port)
    return samples.total("intent_monitoring_records_total")
