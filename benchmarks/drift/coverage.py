"""`python -m benchmarks.drift.coverage`: alerts of interval coverage on clean and drifted streams.

It writes a table of decision 29, on deliveries as those of `examples/deliveries`. The references
are those of trainings.
"""

import argparse
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.drift.table import table
from benchmarks.gate.intervals import PAGE, SCHEMA, draw
from benchmarks.page import put
from monitoring.drift.columns import COVERAGE, INTERVAL_HIGH, INTERVAL_LOW, PREDICTION
from monitoring.drift.config import DriftConfig
from monitoring.drift.state import DriftState
from monitoring.reporting.baseline import Baseline
from monitoring.reporting.reference import ReferenceSet
from monitoring.reporting.samples import with_missing_indicators, with_performance
from training import train
from training.threads import limit_threads

CASES: Final = (("linear", 2_000), ("random_forest", 400))
STREAM_ROWS: Final = 20_000
WINDOWS: Final = 20
SIZES: Final = (200, 1_000)
DELAYS: Final = (0, 3, 6, 12)
"""Minutes that each delivery takes longer than its features say."""

HEAD: Final = (
    "estimator, rows",
    "minutes longer",
    "inside",
    "rows of a window",
    "in alarm within 20 windows",
    "windows until then, median",
)


@dataclass(frozen=True)
class Stream:
    """What came of a stream: the share of outcomes inside, and the first window in alarm."""

    inside: float
    alarm: int | None


def main() -> None:
    """Takes some minutes on a core with 20 trainings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift.coverage")
    parser.add_argument("--trials", type=int, default=20, help="trainings of each case")
    trials = parser.parse_args().trials
    lines = []
    with limit_threads():
        for estimator, rows in CASES:
            runs: dict[tuple[int, int], list[Stream]] = {}
            for seed in range(trials):
                for key, stream in _streams(estimator, rows, seed).items():
                    runs.setdefault(key, []).append(stream)
            lines += [_line(f"{estimator}, {rows:,}", *key, runs[key]) for key in sorted(runs)]
    put(PAGE, "coverage", f"{trials} trainings each.\n\n{table(HEAD, lines)}")


def _streams(estimator: str, rows: int, seed: int) -> dict[tuple[int, int], Stream]:
    """For each delay and size of windows, a stream that a newly trained version scores."""
    trained = train.fit(draw(rows, seed), estimator, seed, 0.25, SCHEMA)
    baseline = Baseline(ReferenceSet("1", trained.reference, SCHEMA, trained.rule), DriftConfig())
    stream = draw(STREAM_ROWS, 1_000_003 + seed)
    numbers = train.outputs(trained.model, stream, SCHEMA)
    _, intervals = SCHEMA.task.report(numbers, trained.rule)
    low, high = np.array(intervals).T
    scored = with_missing_indicators(
        stream.assign(**{PREDICTION: numbers, INTERVAL_LOW: low, INTERVAL_HIGH: high}), SCHEMA
    )
    return {
        (delay, size): _watch(baseline, scored.assign(minutes=scored["minutes"] + delay), size)
        for delay in DELAYS
        for size in SIZES
    }


def _watch(baseline: Baseline, rows: pd.DataFrame, size: int) -> Stream:
    judged, state = with_performance(rows, SCHEMA), DriftState()
    for number in range(WINDOWS):
        window = judged[number * size : (number + 1) * size]
        state, found = baseline.check_drift(state, number, window[[COVERAGE]])
        if found.columns[COVERAGE].alarm:
            return Stream(judged[COVERAGE].mean(), number + 1)
    return Stream(judged[COVERAGE].mean(), None)


def _line(case: str, delay: int, size: int, streams: list[Stream]) -> list[str]:
    alarms = [each.alarm for each in streams if each.alarm]
    inside = float(np.mean([each.inside for each in streams]))
    return [
        case,
        f"{delay}",
        f"{inside:.1%}",
        f"{size:,}",
        f"{len(alarms)} of {len(streams)}",
        f"{np.median(alarms):.0f}" if alarms else "",
    ]


if __name__ == "__main__":
    main()
