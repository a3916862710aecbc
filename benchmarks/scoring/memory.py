"""How much memory a worker holds: with any backlog, and before a broker that stops answering."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.scoring import pipeline
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract.topics import topics

LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Held:
    """Resident memory of a worker, bytes: before the first commit, and its peak from then on."""

    at_start: int
    peak: int


def with_slow_broker(
    contender: Contender, given: BenchSettings, broker: int, seconds: float, log: Path
) -> Held:
    """Drains a backlog while the broker's process is stopped for half of each second."""
    settings = pipeline.with_output(given)
    output = topics(settings).predictions
    ends = pipeline.Ends(settings, output)
    with running(contender, settings, log) as process:
        while not ends.total():
            time.sleep(LOOK_EVERY)
        at_start = peak = process.memory_info().rss
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            peak = max(peak, _stalled(broker, process))
    pipeline.delete(settings, output.name, settings.topic_dead_letters)
    return Held(at_start, peak)


def _stalled(broker: int, process: "psutil.Popen") -> int:
    """One second, half of it without a broker; the largest memory that was seen."""
    peak = 0
    os.kill(broker, signal.SIGSTOP)
    try:
        peak = _watched(process)
    finally:
        os.kill(broker, signal.SIGCONT)
    return max(peak, _watched(process))


def _watched(process: "psutil.Popen") -> int:
    peak = 0
    for _ in range(round(0.5 / LOOK_EVERY)):
        peak = max(peak, process.memory_info().rss)
        time.sleep(LOOK_EVERY)
    return peak
