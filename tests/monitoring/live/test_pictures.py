"""A picture tells how a column differs from the reference, whatever the column."""

import numpy as np
import pandas as pd
import pytest

from monitoring.live.pictures import MARGIN, MOST_BARS, Picture, reference


def picture(before: list[object], now: list[object], numerical: bool = True) -> Picture:
    """Of a column `x`."""
    names = (("x",), ()) if numerical else ((), ("x",))
    (found,) = reference(pd.DataFrame({"x": before}), *names).pictures(pd.DataFrame({"x": now}))
    return found


def test_a_number_counts_in_the_bar_that_begins_at_or_below_it() -> None:
    found = picture([*range(101)], [10, 10, 11, 40])
    bars = dict(zip(map(float, found.labels), found.current, strict=True))
    step = float(found.labels[1]) - float(found.labels[0])
    for value, share in ((10, 0.5), (11, 0.25), (40, 0.25)):
        mine = [bar for bar in bars if bar <= value < bar + step]
        assert bars[mine[0]] >= share
    assert sum(found.current) == pytest.approx(1, abs=0.001)


def test_what_lies_beyond_the_scale_is_in_its_outermost_bars() -> None:
    found = picture([*range(100, 201)], [-1e9, 150, 1e9])
    assert found.current[0] == pytest.approx(1 / 3, abs=0.001)
    assert found.current[-1] == pytest.approx(1 / 3, abs=0.001)


@pytest.mark.parametrize(
    "before", [[0.0, 1e-9], [1e6, 1e12], [-5.0, 5.0], [7.0], [0.0], [-3.0, -3.0], [0.1, 0.3]]
)
def test_any_reference_has_a_scale_of_a_bounded_number_of_bars(before: list[object]) -> None:
    found = picture(before, before)
    assert 1 <= len(found.labels) <= MOST_BARS + 2
    assert found.current == found.reference
    assert sum(found.current) == pytest.approx(1, abs=0.01)


def test_the_scale_shows_what_leaves_the_reference() -> None:
    found = picture([*range(101)], [100 * (1 + MARGIN) - 1])
    assert found.current[-1] == 0 or float(found.labels[-1]) < 100 * (1 + MARGIN)
    assert max(map(float, found.labels)) > 100


def test_categories_are_those_of_the_reference_and_their_shares_of_all_values() -> None:
    found = picture(["a", "b", "b", None], ["a", "c", None, "a", "a"], numerical=False)
    assert found.labels == ["a", "b"]
    assert found.reference == [pytest.approx(1 / 3, abs=0.001), pytest.approx(2 / 3, abs=0.001)]
    assert found.current == [0.75, 0]
    assert found.rows == 4


def test_missing_numbers_are_left_out() -> None:
    found = picture([1, 2, np.nan, 3], [2, np.nan, np.inf])
    assert found.rows == 1
    assert found.middle == (2, 2)


def test_a_column_that_one_side_does_not_have_has_no_picture() -> None:
    known = reference(
        pd.DataFrame({"x": [1.0, 2.0], "empty": [np.nan, np.nan]}), ("x", "empty"), ()
    )
    assert [each.name for each in known.pictures(pd.DataFrame({"x": [1.0]}))] == ["x"]
    assert known.pictures(pd.DataFrame({"y": [1.0]})) == []
