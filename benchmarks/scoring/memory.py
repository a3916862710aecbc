"""Measures the memory of a worker whose broker stops answering again and again."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.scoring import bench_topics
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract.topics import topics

SAMPLE_INTERVAL = 0.05


@dataclass(frozen=True)
class MemoryUse:
    """Resident memory of a worker in bytes: before the first commit, and the peak afterwards."""

    at_start: int
    peak: int


def with_slow_broker(
    contender: Contender, base: BenchSettings, broker: int, seconds: float, log: Path
) -> MemoryUse:
    """Drains a backlog while the broker's process is stopped for half of each second."""
    settings = bench_topics.create_output_topics(base)
    output = topics(settings).predictions
    offsets = bench_topics.CommittedOffsets(settings, output)
    with running(contender, settings, log) as process:
        while not offsets.total():
            time.sleep(SAMPLE_INTERVAL)
        at_start = peak = process.memory_info().rss
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            peak = max(peak, _stall_broker(broker, process))
    bench_topics.delete_topics(settings, output.name, settings.topic_dead_letters)
    return MemoryUse(at_start, peak)


def _stall_broker(broker: int, process: "psutil.Popen") -> int:
    """Stops the broker for half a second, then waits as long; returns the peak memory."""
    peak = 0
    os.kill(broker, signal.SIGSTOP)
    try:
        peak = _sample_peak(process)
    finally:
        os.kill(broker, signal.SIGCONT)
    return max(peak, _sample_peak(process))


def _sample_peak(process: "psutil.Popen") -> int:
    peak = 0
    for _ in range(round(0.5 / SAMPLE_INTERVAL)):
        peak = max(peak, process.memory_info().rss)
        time.sleep(SAMPLE_INTERVAL)
    return peak
