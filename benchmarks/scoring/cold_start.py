"""Measures the time from the start of a worker to its first prediction of a waiting record."""

import shutil
import time
from pathlib import Path

from benchmarks.scoring import backlog, bench_topics
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract.topics import topics

POLL_INTERVAL = 0.01


def measure_start(contender: Contender, base: BenchSettings, log: Path, compiled: bool) -> float:
    """Seconds of one start; `compiled` if the cache has the compiled model."""
    if not compiled:
        shutil.rmtree(base.data_dir / "compiled", ignore_errors=True)
    settings = bench_topics.create_topics(base)
    backlog.write_backlog(settings, 1)
    offsets = bench_topics.CommittedOffsets(settings, topics(settings).predictions)
    started = time.perf_counter()
    with running(contender, settings, log):
        while not offsets.total():
            time.sleep(POLL_INTERVAL)
        elapsed = time.perf_counter() - started
    bench_topics.delete_topics(settings, *(each.name for each in topics(settings)))
    return elapsed
