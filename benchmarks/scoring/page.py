"""Renders the page of the benchmarks."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.scoring.generate import LINGER_MS, TICK
from benchmarks.scoring.results import Measured, Results
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.suite import SINGLE_RATE, STEADY_RATE
from benchmarks.scoring.throughput import Drained
from benchmarks.scoring.warm import COMPILER_SHARE, MAX_ROUNDS

MEBIBYTE = 2**20
PERCENTS = (50, 90, 99, 99.9)


def text(results: Results, settings: BenchSettings) -> str:
    """Renders the page as Markdown."""
    parts = [
        "# Benchmarks of the scorer",
        f"Made by `make bench` in {results.minutes:.0f} minutes, in one run on one broker; "
        f"medians of {settings.bench_runs} rounds. Compare the figures with each other, not with "
        f"other machines. Machine: {_machine()}, shared by broker, load, worker and reader. "
        "Monitoring has [its own page](monitoring.md). "
        "At half the clock speed the ratios hold and latencies do not: p50 17.7 and p99 48.3 ms at "
        "10,000 records/s, 17.4 at 1 record/s; check that the pass-through's p50 is below 8 ms.",
        "A short run that writes elsewhere: `INTENT_BENCH_RECORDS=300000 "
        "INTENT_BENCH_RUNS=1 INTENT_BENCH_SECONDS=3 make bench BENCH_FOLDER=/tmp/bench`.",
        "## Throughput",
        f"A backlog of {settings.bench_records:,} JSON records of about 110 bytes in "
        f"{settings.partitions} partitions: decoded, validated, scored by the champion, encoded, "
        "produced, offsets committed. Counted by a read-committed consumer. The *bare loop* does "
        "the same with confluent-kafka alone, in the same transactions. *Pass-through* only "
        "copies the bytes in transactions. Peers use our codec and compiled model, and the "
        "settings that their documentation recommends.",
        "![records per second](throughput.svg)",
        _throughput(results),
        "## Cost by size of the backlog",
        _linear(results),
        "## Memory and start-up",
        _memory(results),
        "## The model",
        "A batch of 1,000 records, from records to probabilities; differences over 100,000 random "
        "customers.",
        _models(results),
        "## Latency",
        "Open loop: latency is measured from the time at which a record was due until a "
        "read-committed consumer has its prediction. No late record is left out (no coordinated "
        "omission), only the first fifth of each measurement. A record is due at a random moment "
        "of its period: at fixed times, one record a second would always coincide with the end of "
        f"the reader's long poll. Above {1 / TICK:,.0f} records/s the load's client waits "
        f"{LINGER_MS} ms for more records per request, which the latency includes; otherwise small "
        "requests keep the broker on the same cores busy. "
        f"Before, the broker gets {STEADY_RATE:,} records/s until its compiler takes under "
        f"{COMPILER_SHARE:.0%} of a core, or for {MAX_ROUNDS * settings.bench_seconds:.0f} s, then "
        f"{SINGLE_RATE} for {3 * settings.bench_seconds:.0f} s: while the compiler works, p99 is "
        "about twice as high. Afterwards it uses only idle cores, if this user may set that. "
        "Neither load nor reader collects garbage, which would take 10 ms. At 1 record/s all "
        "rounds are merged.",
        _latency(results),
        "![records by latency at 10,000 records/s](histogram.svg)",
        "![latency against rate](latency.svg)",
        _curve(results.curve),
    ]
    return "\n\n".join(parts) + "\n"


def _throughput(results: Results) -> str:
    ours = results.ours
    rows = [
        ("stream_app", "exactly once", _rate(ours.per_second), "1", "", _mebibytes(ours.runs)),
        ("bare loop", "exactly once", _rate(results.bare.per_second),
         f"{ours.over(results.bare):.2f}", "0.85", _mebibytes(results.bare.runs)),
        ("pass-through", "exactly once", _rate(results.passed.per_second),
         f"{ours.over(results.passed):.2f}", "0.35", _mebibytes(results.passed.runs)),
        *((peer.contender.name, peer.guarantee, _rate(speed.per_second),
           f"{ours.over(speed):.1f}", f"{peer.target or ''}", _mebibytes(speed.runs))
          for peer, speed in results.peers),
    ]  # fmt: skip
    head = ("", "guarantee", "records/s", "stream_app, times as fast", "target", "peak MiB")
    return _table(head, rows)


def _linear(results: Results) -> str:
    ordinary = results.linear[sorted(results.linear)[1]].per_second
    rows = [
        (f"{count:,}", f"{len(speed.runs)}", _rate(speed.per_second),
         f"{ordinary / speed.per_second:.2f}",
         f"{median(run.processor_microseconds for run in speed.runs):.2f}",
         _mebibytes(speed.runs))
        for count, speed in results.linear.items()
    ]  # fmt: skip
    head = ("backlog", "runs", "records/s", "relative time per record; target 0.9 to 1.1",
            "processor us per record", "peak MiB")  # fmt: skip
    return _table(head, rows)


def _memory(results: Results) -> str:
    held, (first, again) = results.slow_broker, results.starts
    rows = [
        ("peak memory, broker stopped half of the time", f"{held.peak // MEBIBYTE} MiB", "400"),
        ("start to first prediction, model cached", f"{again:.1f} s", "3"),
        ("start to first prediction, model not cached", f"{first:.1f} s", ""),
    ]
    return _table(("", "", "target, at most"), rows)


def _models(results: Results) -> str:
    rows = [
        (cost.estimator, cost.kind, f"{cost.compiled:.2f}", f"{cost.scikit_learn:.1f}",
         f"{cost.one:.0f}", f"{cost.difference:.1e}", f"{cost.classes}")
        for cost in results.models
    ]  # fmt: skip
    head = ("estimator", "compiled to", "us per record", "scikit-learn, us", "us, single record",
            "largest difference", "classes that differ")  # fmt: skip
    return _table(head, rows)


def _latency(results: Results) -> str:
    middle = sorted(results.steady, key=lambda each: each.ours.percentile(99))
    rows = [
        (name, *(_both(each, percent) for percent in PERCENTS))
        for name, each in (
            ("10,000 records/s; target p50 8, p99 25", middle[len(middle) // 2]),
            ("1 record/s; target p99 10", results.single),
        )
    ]
    head = ("ms, and ratio to the pass-through", *(f"p{percent:g}" for percent in PERCENTS))
    return _table(head, rows)


def _curve(curve: Sequence[Measured]) -> str:
    rows = [
        (f"{each.ours.rate:,.0f}", *(_both(each, percent) for percent in PERCENTS))
        for each in curve
    ]
    return _table(("records/s", *(f"p{percent:g}" for percent in PERCENTS)), rows)


def _both(measured: Measured, percent: float) -> str:
    ours, passed = measured.ours.percentile(percent), measured.passed.percentile(percent)
    return f"{ours:.1f} ({ours / passed:.2f})"


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}"


def _mebibytes(runs: Iterable[Drained]) -> str:
    return f"{max(run.peak_memory for run in runs) // MEBIBYTE}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line for line in information.read_text().splitlines() if "model name" in line]
        processor = names[0].partition(":")[2].strip() if names else processor
    python = platform.python_version()
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, Python {python}"
