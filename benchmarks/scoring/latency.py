"""How long a record takes from its creation to a read-committed consumer of its prediction."""

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

from benchmarks.scoring import pipeline
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract import kafka
from contract.errors import RunIncomplete
from contract.settings import environment
from contract.topics import topics

WARM_UP = 0.2
"""Share of a measurement that is left out at its start."""

PATIENCE = 20.0
"""Seconds after the last record was due that predictions are waited for."""


@dataclass(frozen=True)
class Latencies:
    """Of one contender at one rate: milliseconds of each record, in the order of creation."""

    rate: float
    milliseconds: NDArray[np.float64]

    def percentile(self, percent: float) -> float:
        """Milliseconds that so many percent of the records did not exceed."""
        return float(np.percentile(self.milliseconds, percent))


def measure(
    contender: Contender, given: BenchSettings, rate: float, seconds: float, log: Path
) -> Latencies:
    """Starts a contender, waits until it works, and sends it `rate` records/s on schedule."""
    settings = pipeline.fresh(given)
    output = topics(settings).predictions
    reader: Consumer = kafka.create_consumer(
        settings, settings.topic_predictions, fetch_wait_max_ms=500
    )
    reader.subscribe([output.name])
    with running(contender, settings, log), _no_collection():
        if len(_read(reader, _generate(settings, 50, 2), 100)) < 100:
            raise RunIncomplete(f"{contender.name} does not predict: see {log}")
        count = round(rate * seconds)
        found = _read(reader, _generate(settings, rate, seconds), count)
    reader.close()
    pipeline.delete(settings, *(each.name for each in topics(settings)))
    found = found[np.argsort(found[:, 0], kind="stable")]
    kept = found[round(len(found) * WARM_UP) :]
    never = np.full(count - len(found), PATIENCE * 1e3)  # at least that late
    return Latencies(rate, np.append((kept[:, 1] - kept[:, 0]) / 1e6, never))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keeps the cycle collector off: what reads the predictions must not wait for it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _generate(settings: BenchSettings, rate: float, seconds: float) -> "subprocess.Popen[bytes]":
    told = environment(settings)
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.scoring.generate", str(rate), str(seconds)],
        env={**os.environ, **told},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _has_sent_all(generator: "subprocess.Popen[bytes]") -> bool:
    """Whether it has said so, or has failed."""
    readable, _, _ = select.select([cast("IO[bytes]", generator.stdout)], [], [], 0)
    return bool(readable)


def _read(reader: Consumer, generator: "subprocess.Popen[bytes]", count: int) -> NDArray[np.int64]:
    """When each record was due and when its prediction was read, ns, shape (n, 2)."""
    due: list[bytes] = []
    read: list[int] = []
    deadline = None
    while len(due) < count:
        messages = reader.consume(1, 0.1) + reader.consume(10_000, 0)
        now = time.time_ns()
        due += [(message.value() or b"")[7:26] for message in messages if message.error() is None]
        read += [now] * (len(due) - len(read))
        if deadline is None and _has_sent_all(generator):
            deadline = time.monotonic() + PATIENCE
        if deadline is not None and time.monotonic() > deadline:
            break  # saturated
    generator.communicate()  # it may end
    return np.column_stack(
        [np.array(due, dtype="S19").astype(np.int64), np.array(read, dtype=np.int64)]
    )
