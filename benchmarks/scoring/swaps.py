"""`python -m benchmarks.scoring.swaps [FILE]`: latency while the champion's alias moves."""

import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.scoring import latency
from benchmarks.scoring.contender_list import OURS
from benchmarks.scoring.latency import Latencies
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.warm import warm_up
from contract.logs import configure_logs
from contract.process import run_main
from contract.settings import load
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from stream_app.models.compile import compile_version
from training.environment import configure_libraries
from training.settings import Estimator, TrainingSettings

ROOT = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "benchmarks" / "swaps.md"
LOG: Final = ROOT / ".intent" / "swaps.log"

RATE: Final = 10_000
POLL: Final = 0.5
KINDS: Final[tuple[Estimator, ...]] = ("logistic", "random_forest")
RUNS: Final = 3
LENGTH: Final = 3
"""A measurement takes so many times `BENCH_SECONDS`: a version takes ten seconds to compile."""

HEAD: Final = """# Latency while models are switched

One worker, {rate:,} records/s, {seconds:g} s a measurement, from a record's creation to a
read-committed consumer having its prediction; generator, worker, consumer and broker on the same
machine; medians of {runs} runs.
Made by `python -m benchmarks.scoring.swaps`.

"""


@dataclass(frozen=True)
class Case:
    """What happens to the alias while it is measured.

    Attributes:
        words: as the table calls it.
        every: seconds between two moves; 0 moves it never.
        forget: the forms that the machine has compiled are deleted first.
    """

    words: str
    every: float = 0
    forget: bool = False


@dataclass(frozen=True)
class Measured:
    """One run of a case: what it took, and how often the worker says that it switched."""

    latencies: Latencies
    switches: int


CASES: Final = (
    Case("no switch"),
    Case("a known version every 2 s", 2),
    Case("every 20 s a version that is loaded, checked and compiled beside", 20, forget=True),
)


def main() -> None:
    """Trains a version of each kind, measures each case, and writes the page."""
    configure_logs("WARNING")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="intent-bench-") as temporary:
        home = Path(temporary)
        cache = load(LocalSettings).cache_dir
        with LocalBroker(home / "broker", cache, home / "broker.log") as broker:
            settings = load(BenchSettings, data_dir=home, kafka_bootstrap=broker.bootstrap)
            _train(settings)
            seconds = LENGTH * settings.bench_seconds
            warm_up(
                broker.process.pid,
                lambda: _measure(CASES[0], settings, settings.bench_seconds),
            )
            runs = [[_measure(case, settings, seconds) for case in CASES] for _ in range(RUNS)]
    text = HEAD.format(rate=RATE, seconds=seconds, runs=RUNS) + _table(runs)
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    file.write_text(text, encoding="utf-8")


def _train(settings: BenchSettings) -> None:
    training = load(
        TrainingSettings, data_dir=settings.data_dir, kafka_bootstrap=settings.kafka_bootstrap
    )
    configure_libraries(training, prefect_log_level="CRITICAL")
    from training.steps import train_and_promote  # noqa: PLC0415  imports MLflow

    for kind in KINDS:
        train_and_promote(training.model_copy(update={"estimator": kind}))


def _measure(case: Case, settings: BenchSettings, seconds: float) -> Measured:
    for number in range(len(KINDS)):
        compile_version(settings, str(number + 1))
    told = {"INTENT_MODEL_POLL_INTERVAL": str(POLL), "INTENT_LOG_LEVEL": "INFO"}
    LOG.unlink(missing_ok=True)
    with _moving(case, settings):
        found = latency.measure(replace(OURS, env=told), settings, RATE, seconds, LOG)
    return Measured(found, LOG.read_text(encoding="utf-8").count("scores, after version"))


@contextmanager
def _moving(case: Case, settings: BenchSettings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_move, args=(case, settings, stop.wait))
    if case.every:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if case.every:
            thread.join()


def _move(case: Case, settings: BenchSettings, ended: Callable[[float], bool]) -> None:
    tables = settings.registry_uri.removeprefix("sqlite:///")
    for number in cycle(range(len(KINDS), 0, -1)):
        if ended(case.every):
            return
        if case.forget:
            shutil.rmtree(settings.data_dir / "compiled", ignore_errors=True)
        with closing(sqlite3.connect(tables)) as opened, opened:  # MLflow would take our own time
            opened.execute(
                "UPDATE registered_model_aliases SET version = ? WHERE alias = 'champion'",
                (number,),
            )


def _table(runs: Sequence[Sequence[Measured]]) -> str:
    heads = ("", "switches a run", "p50, ms", "p99, ms", "p99.9, ms", "p99 / without")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    normal = _median(runs, 0, 99)
    for place, case in enumerate(CASES):
        switches = median(each[place].switches for each in runs)
        told = " | ".join(f"{_median(runs, place, percent):.1f}" for percent in (50, 99, 99.9))
        ratio = _median(runs, place, 99) / normal
        lines.append(f"| {case.words} | {switches:g} | {told} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def _median(runs: Sequence[Sequence[Measured]], place: int, percent: float) -> float:
    return median(each[place].latencies.percentile(percent) for each in runs)


if __name__ == "__main__":
    run_main(main)
