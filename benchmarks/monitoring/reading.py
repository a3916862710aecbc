"""Throughput of the monitoring, and of a consumer that reads the same topics and does nothing."""

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
from monitoring.consumer import MAX_POLL_RECORDS
from monitoring.settings import MonitoringSettings

TIMEOUT: Final = 300.0
POLL_INTERVAL: Final = 0.1


@dataclass(frozen=True)
class ReadResult:
    """Records a second, and the largest resident memory of the process, bytes."""

    per_second: float
    peak_memory: int


def read_with_bare_consumer(settings: MonitoringSettings, records: int) -> float:
    """Throughput of a bare read-committed consumer with the same client settings."""
    consumer: Consumer = kafka.create_consumer(settings, "bare")
    topics = settings.topic_customers, settings.topic_predictions
    partitions = [
        TopicPartition(t, number, 0) for t in topics for number in range(settings.partitions)
    ]
    consumer.assign(partitions)
    read = len(consumer.consume(MAX_POLL_RECORDS, TIMEOUT))
    before, began = read, time.perf_counter()
    while read < records:
        read += len(consumer.consume(MAX_POLL_RECORDS, 1))
    seconds = time.perf_counter() - began
    consumer.close()
    return (read - before) / seconds


def read_with_monitoring(settings: MonitoringSettings, records: int, log: Path) -> ReadResult:
    """Throughput of the monitoring process from its first records to its last, with reports.

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
        return _watch(process, lambda: _records_read(settings), records)
    finally:
        process.terminate()
        process.wait()


def _watch(process: psutil.Popen, records_read: Callable[[], float], records: int) -> ReadResult:
    first: tuple[float, float] | None = None
    memory, deadline = 0, time.monotonic() + TIMEOUT
    while True:
        if process.poll() is not None:
            raise WorkerFailed(
                f"the monitoring ended with exit code {process.returncode}: read its log"
            )
        if time.monotonic() > deadline:
            raise RunIncomplete(f"the monitoring has not read all records within {TIMEOUT:g} s")
        read, now = records_read(), time.perf_counter()
        memory = max(memory, process.memory_info().rss)
        if read and first is None:
            first = read, now
        if read >= records and first is not None:
            return ReadResult((read - first[0]) / (now - first[1]), memory)
        time.sleep(POLL_INTERVAL)


def _records_read(settings: MonitoringSettings) -> float:
    samples = scrape(settings.listen_host, settings.monitoring_port)
    return samples.total("intent_monitoring_records_total")
