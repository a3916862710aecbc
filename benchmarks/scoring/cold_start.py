"""From the start of a worker's process to its first prediction, one customer waiting."""

import shutil
import time
from pathlib import Path

from benchmarks.scoring import backlog, pipeline
from benchmarks.scoring.contender import Contender, running
from benchmarks.scoring.settings import BenchSettings
from contract.topics import topics

LOOK_EVERY = 0.01


def seconds(contender: Contender, given: BenchSettings, log: Path, compiled: bool) -> float:
    """Seconds of one start; `compiled`: this machine has scored with the model before."""
    if not compiled:
        shutil.rmtree(given.data_dir / "compiled", ignore_errors=True)
    settings = pipeline.fresh(given)
    backlog.fill(settings, 1)
    ends = pipeline.Ends(settings, topics(settings).predictions)
    started = time.perf_counter()
    with running(contender, settings, log):
        while not ends.total():
            time.sleep(LOOK_EVERY)
        spent = time.perf_counter() - started
    pipeline.delete(settings, *(each.name for each in topics(settings)))
    return spent
