"""Measures the latency from a record's creation to a read-committed reader of its prediction."""

import gc
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from confluent_kafka import Consumer
from numpy.typing import NDArray

from benchmarks.scoring import bench_topics
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import RunIncomplete
from contract.settings import environment
from contract.topics import topics

WARM_UP_RATIO = 0.2
"""Share of a measurement that is left out at its start."""

READ_TIMEOUT = 20.0
"""Seconds to wait for predictions after the last record was due."""


@dataclass(frozen=True)
class Latencies:
    """Latencies of one contender at one rate, milliseconds per record, in the order of creation."""

    rate: float
    milliseconds: NDArray[np.float64]

    def percentile(self, percent: float) -> float:
        """A percentile of the latencies, milliseconds."""
        return float(np.percentile(self.milliseconds, percent))


def measure(
    contender: Contender, base: BenchSettings, rate: float, seconds: float, log: Path
) -> Latencies:
    """Starts a contender, waits for its first predictions, then sends `rate` records/s."""
    settings = bench_topics.create_topics(base)
    output = topics(settings).predictions
    reader: Consumer = kafka.create_consumer(
        settings, settings.topic_predictions, fetch_wait_max_ms=500
    )
    reader.subscribe([output.name])
    with running(contender, settings, log), _no_collection():
        if len(_read(reader, _generate(settings, 50, 2), 100)) < 100:
            raise RunIncomplete(f"{contender.name} makes no predictions: read {log}")
        count = round(rate * seconds)
        times = _read(reader, _generate(settings, rate, seconds), count)
    reader.close()
    bench_topics.delete_topics(settings, *(each.name for each in topics(settings)))
    times = times[np.argsort(times[:, 0], kind="stable")]
    kept = times[round(len(times) * WARM_UP_RATIO) :]
    missing = np.full(count - len(times), READ_TIMEOUT * 1e3)  # at least this late
    return Latencies(rate, np.append((kept[:, 1] - kept[:, 0]) / 1e6, missing))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Disables the cycle collector, which would delay the reader."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _generate(settings: BenchSettings, rate: float, seconds: float) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.scoring.generate", str(rate), str(seconds)],
        env={**os.environ, **environment(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _has_sent_all(generator: "subprocess.Popen[bytes]") -> bool:
    """Whether the generator has reported that all is sent, or has failed."""
    readable, _, _ = select.select([cast("IO[bytes]", generator.stdout)], [], [], 0)
    return bool(readable)


def _read(reader: Consumer, generator: "subprocess.Popen[bytes]", count: int) -> NDArray[np.int64]:
    """Times at which records were due and their predictions were read, ns, shape (n, 2)."""
    due: list[bytes] = []
    read: list[int] = []
    deadline = None
    while len(due) < count:
        messages = reader.consume(1, 0.1) + reader.consume(10_000, 0)
        now = time.time_ns()
        due += [(message.value() or b"")[7:26] for message in messages if message.error() is None]
        read += [now] * (len(due) - len(read))
        if deadline is None and _has_sent_all(generator):
            deadline = time.monotonic() + READ_TIMEOUT
        if deadline is not None and time.monotonic() > deadline:
            break  # saturated
    generator.communicate()  # it may end
    return np.column_stack(
        [np.array(due, dtype="S19").astype(np.int64), np.array(read, dtype=np.int64)]
    )
