import numpy as np
import pytest

from monitoring.performance_estimation.interval import wilson


def test_wilson_is_that_of_the_literature() -> None:
    found = wilson(81, 263)  # Newcombe, Statistics in Medicine 17, 1998, table I
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize("hits", [0, 20])
def test_wilson_stays_within_a_share_at_its_ends(hits: int) -> None:
    found = wilson(hits, 20)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.1


def test_wilson_holds_the_share_in_about_19_of_20_samples() -> None:
    hits = np.random.default_rng(1).binomial(200, 0.9, 4_000)
    intervals = {each: wilson(each, 200) for each in set(hits.tolist())}
    held = [(found := intervals[each]) is not None and found.holds(0.9) for each in hits.tolist()]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_no_rows_have_no_interval() -> None:
    assert wilson(0, 0) is None
