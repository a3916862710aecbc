import numpy as np
import pytest

from monitoring.performance_estimation.interval import wilson_interval


def test_wilson_interval_is_that_of_the_literature() -> None:
    interval = wilson_interval(81, 263)  # Newcombe, Statistics in Medicine 17, 1998, table I
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("hits", [0, 20])
def test_wilson_interval_stays_between_0_and_1(hits: int) -> None:
    interval = wilson_interval(hits, 20)
    assert interval is not None
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.high - interval.low > 0.1


def test_wilson_interval_contains_the_share_in_about_19_of_20_samples() -> None:
    hits = np.random.default_rng(1).binomial(200, 0.9, 4_000)
    intervals = {each: wilson_interval(each, 200) for each in set(hits.tolist())}
    covered = [
        (interval := intervals[each]) is not None and interval.contains(0.9)
        for each in hits.tolist()
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_no_rows_have_no_interval() -> None:
    assert wilson_interval(0, 0) is None
