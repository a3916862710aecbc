"""Bounds of paired differences have their nominal coverage, at one look or at all looks."""

import numpy as np
import pytest
from scipy import stats

from training.gate.paired_difference import PairedDifference
from training.threshold import Costs


def test_bounds_are_those_of_students_t() -> None:
    values = np.random.default_rng(1).normal(0.3, 2, 40)
    difference = PairedDifference.of_values(values)
    low, high = stats.t.interval(0.9, 39, values.mean(), values.std(ddof=1) / np.sqrt(40))
    assert difference.lower_bound(0.95) == pytest.approx(low)
    assert difference.upper_bound(0.95) == pytest.approx(high)


def test_counts_get_half_a_row_more_in_each_cell() -> None:
    difference = PairedDifference.of_counts(better=9, worse=3, rows=98)
    cells = [1.0] * 19 + [-1.0] * 7 + [0.0] * 174  # twice each, and the halves
    assert difference.rows == 100
    assert difference.mean == pytest.approx(np.mean(cells))
    assert difference.standard_deviation == pytest.approx(np.std(cells))


def test_errors_weigh_their_costs_in_units_of_the_cheaper_one() -> None:
    difference = PairedDifference.of_errors((3, 2), (9, 0), 98, Costs(10.0, 50.0))
    cells = [1.0] * 13 + [-1.0] * 37 + [5.0] * 9 + [-5.0] * 1 + [0.0] * 340  # four times each
    assert difference.rows == 100
    assert difference.mean == pytest.approx(np.mean(cells))
    assert difference.standard_deviation == pytest.approx(np.std(cells))
    alike = PairedDifference.of_errors((3, 2), (9, 0), 98, Costs(7.0, 7.0))
    assert alike == PairedDifference.of_counts(5, 9, 98)


def test_few_rows_that_are_all_alike_are_not_certain() -> None:
    assert PairedDifference.of_counts(0, 0, 10).lower_bound(0.95) < 0
    assert PairedDifference.of_counts(3, 0, 3).lower_bound(0.95) < 0.5


def crossed(anytime: bool, streams: int = 1_000, rows: int = 4_000) -> float:
    """Share of streams without a difference in which some look from 100 rows on finds one."""
    random = np.random.default_rng(3)
    crossings = 0
    for _ in range(streams):
        draw = random.random(rows)
        better, worse = np.cumsum(draw < 0.05), np.cumsum(draw > 0.95)
        for n in range(100, rows + 1, 100):
            difference = PairedDifference.of_counts(int(better[n - 1]), int(worse[n - 1]), n)
            if (difference.anytime_upper_bound if anytime else difference.upper_bound)(0.95) < 0:
                crossings += 1
                break
    return crossings / streams


def test_anytime_bound_is_crossed_in_no_more_streams_than_nominal() -> None:
    assert crossed(anytime=True) <= 0.05


def test_bound_for_one_look_is_crossed_more_often_at_repeated_looks() -> None:
    assert crossed(anytime=False) > 0.15
