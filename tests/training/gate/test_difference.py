"""Intervals of paired differences: they cover what they say, looked at once or always."""

import numpy as np
import pytest
from scipy import stats

from training.gate.difference import Difference


def test_bounds_are_those_of_students_interval() -> None:
    values = np.random.default_rng(1).normal(0.3, 2, 40)
    found = Difference.of(values)
    low, high = stats.t.interval(0.9, 39, values.mean(), values.std(ddof=1) / np.sqrt(40))
    assert found.low(0.95) == pytest.approx(low)
    assert found.high(0.95) == pytest.approx(high)


def test_counts_have_half_a_row_more_in_each_cell() -> None:
    found = Difference.of_counts(better=9, worse=3, rows=98)
    cells = [1.0] * 19 + [-1.0] * 7 + [0.0] * 174  # twice each, and the halves
    assert found.rows == 100
    assert found.mean == pytest.approx(np.mean(cells))
    assert found.deviation == pytest.approx(np.std(cells))


def test_few_rows_that_are_all_alike_are_not_certain() -> None:
    assert Difference.of_counts(0, 0, 10).low(0.95) < 0
    assert Difference.of_counts(3, 0, 3).low(0.95) < 0.5


def crossed(always: bool, streams: int = 1_000, rows: int = 4_000) -> float:
    """Share of streams without a difference in which some look finds one, from 100 rows on."""
    random = np.random.default_rng(3)
    found = 0
    for _ in range(streams):
        draw = random.random(rows)
        better, worse = np.cumsum(draw < 0.05), np.cumsum(draw > 0.95)
        for n in range(100, rows + 1, 100):
            each = Difference.of_counts(int(better[n - 1]), int(worse[n - 1]), n)
            if (each.high_always if always else each.high)(0.95) < 0:
                found += 1
                break
    return found / streams


def test_bound_that_holds_always_is_crossed_in_no_more_streams_than_it_says() -> None:
    assert crossed(always=True) <= 0.05


def test_bound_to_be_looked_at_once_is_crossed_more_often_if_one_looks_again_and_again() -> None:
    assert crossed(always=False) > 0.15
