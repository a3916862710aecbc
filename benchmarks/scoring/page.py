"""The page of the benchmarks: tables, as ratios where machines differ."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.scoring.generate import GATHER_MS, TICK
from benchmarks.scoring.results import Measured, Results
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.suite import FEW, STEADY
from benchmarks.scoring.throughput import Drained
from benchmarks.scoring.warm import MOST, WARM

MEBIBYTE = 2**20
PERCENTS = (50, 90, 99, 99.9)


def text(results: Results, settings: BenchSettings) -> str:
    """All of it, Markdown."""
    parts = [
        "# Benchmarks of the scorer",
        f"Made by `make bench` in {results.minutes:.0f} minutes, all in one run on one broker; "
        f"medians of {settings.bench_runs} rounds. Figures compare with each other, not with "
        f"other machines. Here: {_machine()}; broker, load, worker and reader share it. "
        "The monitoring has [a page of its own](monitoring.md). "
        "What changes at half the speed: [speeds](speeds.md).",
        "A short run, whose figures go elsewhere: `INTENT_BENCH_RECORDS=300000 "
        "INTENT_BENCH_RUNS=1 INTENT_BENCH_SECONDS=3 make bench BENCH_FOLDER=/tmp/bench`.",
        "## Throughput",
        f"A backlog of {settings.bench_records:,} JSON records of about 110 bytes in "
        f"{settings.partitions} partitions: decoded, validated, scored by the champion, encoded, "
        "produced, offsets committed. Counted by a read-committed consumer. The *bare loop* does "
        "the same with confluent-kafka alone, in the same transactions; *pass-through* copies "
        "the bytes in transactions and does nothing else. Peers have our codec and compiled "
        "model, and the settings that their documentation advises.",
        "![records a second](throughput.svg)",
        _throughput(results),
        "## Cost by size of the backlog",
        _linear(results),
        "## Memory and start",
        _memory(results),
        "## The model",
        "A batch of 1,000 records, from records to probabilities; differences over 100,000 random "
        "customers.",
        _models(results),
        "## Latency",
        "Open loop: each record has the time at which it was due, and its latency runs from then "
        "until a read-committed consumer has the prediction. Nothing is left out, however late "
        "(no coordinated omission), but the first fifth of each measurement. A record is due at a "
        "random moment of its period: on the beat of a second it would always meet the end of the "
        f"reader's long poll, which lasts half of one. Above {1 / TICK:,.0f} records/s the load's "
        f"client gathers records for {GATHER_MS} ms, which are counted: else each of "
        "its requests holds but a few, and the broker on the same cores is kept busy with them. "
        f"Before the first of them the broker has had {STEADY:,} records/s until its compiler "
        f"took under {WARM:.0%} of a core, or for {MOST * settings.bench_seconds:.0f} s, and then "
        f"{FEW} for {3 * settings.bench_seconds:.0f} s: with the compiler at work, on one of two "
        "cores, the p99 is about twice as high. From there on it has only cores that nothing else "
        "wants, where this user may say so. Neither the load nor the reader collects garbage: "
        "that would be 10 ms of theirs. At 1 record/s all rounds are told as one.",
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
    head = ("", "guarantee", "records/s", "stream_app is times as fast", "wanted", "peak MiB")
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
    head = ("backlog", "drains, in turn", "records/s", "time a record, relative; wanted 0.9 to 1.1",
            "us of processor a record", "peak MiB")  # fmt: skip
    return _table(head, rows)


def _memory(results: Results) -> str:
    held, (first, again) = results.slow_broker, results.starts
    rows = [
        ("peak memory, broker stopped half of the time", f"{held.peak // MEBIBYTE} MiB", "400"),
        ("start to first prediction, model known to this machine", f"{again:.1f} s", "3"),
        ("start to first prediction, model new to this machine", f"{first:.1f} s", ""),
    ]
    return _table(("", "", "wanted, at most"), rows)


def _models(results: Results) -> str:
    rows = [
        (cost.estimator, cost.form, f"{cost.compiled:.2f}", f"{cost.scikit_learn:.1f}",
         f"{cost.one:.0f}", f"{cost.difference:.1e}", f"{cost.classes}")
        for cost in results.models
    ]  # fmt: skip
    head = ("estimator", "compiled to", "us a record", "scikit-learn, us", "us for a lone record",
            "largest difference", "classes that differ")  # fmt: skip
    return _table(head, rows)


def _latency(results: Results) -> str:
    middle = sorted(results.steady, key=lambda each: each.ours.percentile(99))
    rows = [
        (name, *(_both(each, percent) for percent in PERCENTS))
        for name, each in (
            ("10,000 records/s; wanted p50 8, p99 25", middle[len(middle) // 2]),
            ("1 record/s; wanted p99 10", results.single),
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
