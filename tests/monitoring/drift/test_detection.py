"""The stated shifts are detected in nearly every run, each against a fresh reference."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.drift.rates import lower
from benchmarks.drift.scenarios import SHIFTS, clean, slow
from contract.schema import CARS
from data.population import Population
from monitoring.drift.columns import watched_columns
from monitoring.drift.rule import DriftRule
from tests.monitoring.drift.streams import Window, check_all, window, windows

MIN_DETECTION_RATE = 0.95
BEFORE = 4


def detects(column: str, drifting: list[Population], seed: int) -> bool:
    random = np.random.default_rng((seed, len(drifting)))
    rule = DriftRule(window(random, 1_000), watched_columns(CARS))
    stream = windows(random, [*clean(BEFORE), *drifting])
    stream = [{column: each[column]} for each in stream]  # no column's result depends on others
    return any(result.columns[column].alarm for result in check_all(rule, stream)[BEFORE:])


@pytest.mark.parametrize("column", SHIFTS)
def test_a_shift_is_detected_within_three_windows(column: str) -> None:
    runs = 200
    hits = sum(detects(column, [SHIFTS[column]] * 3, seed) for seed in range(runs))
    assert lower(hits, runs) >= MIN_DETECTION_RATE


@pytest.mark.parametrize("column", SHIFTS)
def test_a_slow_drift_is_detected_before_it_is_complete(column: str) -> None:
    runs = 100
    hits = sum(detects(column, slow(SHIFTS[column])[:-1], seed) for seed in range(runs))
    assert lower(hits, runs) >= MIN_DETECTION_RATE


def test_a_quarter_more_spread_with_the_same_mean_is_detected_within_three_windows() -> None:
    runs, hits = 100, 0
    for seed in range(runs):
        random = np.random.default_rng(seed)
        rule = DriftRule(window(random, 1_000), watched_columns(CARS))
        column = check_all(rule, [wider(window(random, 1_000)) for _ in range(3)])[-1].columns[
            "Age"
        ]
        hits += (
            column.alarm and column.statistic is not None and column.statistic.kind == "deviation"
        )
    assert lower(hits, runs) >= MIN_DETECTION_RATE


def wider(rows: Window) -> Window:
    return {"Age": 40 + 1.25 * (rows["Age"] - 40)}


def test_small_windows_add_up_to_a_shift_that_none_of_them_shows() -> None:
    random = np.random.default_rng(2)
    rule = DriftRule(window(random, 1_000), watched_columns(CARS))
    shifted = replace(SHIFTS["Age"], age_shift=3.0)
    results = check_all(rule, windows(random, [shifted] * 30, rows=60))
    alone = [check_all(rule, [each])[0].alarm for each in windows(random, [shifted] * 30, rows=60)]
    assert results[-1].columns["Age"].alarm
    assert sum(alone) < 3
