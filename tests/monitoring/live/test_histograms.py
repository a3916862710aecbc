"""A histogram shows how a column differs from the reference, whatever the column."""

import numpy as np
import pandas as pd
import pytest

from monitoring.live.histograms import MARGIN, MAX_BINS, BinnedDistribution, bin_reference


def compare(
    reference: list[object], current: list[object], numerical: bool = True
) -> BinnedDistribution:
    """Compares the values of a column `x`."""
    columns = (("x",), ()) if numerical else ((), ("x",))
    binned = bin_reference(pd.DataFrame({"x": reference}), *columns)
    (distribution,) = binned.compare(pd.DataFrame({"x": current}))
    return distribution


def test_a_number_counts_in_the_bin_that_begins_at_or_below_it() -> None:
    distribution = compare([*range(101)], [10, 10, 11, 40])
    edges = [float(edge) for edge in distribution.bins]
    shares = dict(zip(edges, distribution.current, strict=True))
    width = edges[1] - edges[0]
    for value, share in ((10, 0.5), (11, 0.25), (40, 0.25)):
        (edge,) = [edge for edge in edges if edge <= value < edge + width]
        assert shares[edge] >= share
    assert sum(distribution.current) == pytest.approx(1, abs=0.001)


def test_values_beyond_the_bins_count_in_the_outermost_ones() -> None:
    distribution = compare([*range(100, 201)], [-1e9, 150, 1e9])
    assert distribution.current[0] == pytest.approx(1 / 3, abs=0.001)
    assert distribution.current[-1] == pytest.approx(1 / 3, abs=0.001)


@pytest.mark.parametrize(
    "reference", [[0.0, 1e-9], [1e6, 1e12], [-5.0, 5.0], [7.0], [0.0], [-3.0, -3.0], [0.1, 0.3]]
)
def test_any_reference_has_a_bounded_number_of_bins(reference: list[object]) -> None:
    distribution = compare(reference, reference)
    assert 1 <= len(distribution.bins) <= MAX_BINS + 2
    assert distribution.current == distribution.reference
    assert sum(distribution.current) == pytest.approx(1, abs=0.01)


def test_bins_extend_beyond_the_range_of_the_reference() -> None:
    end = 100 * (1 + MARGIN)
    distribution = compare([*range(101)], [end - 1])
    assert distribution.current[-1] == 0 or float(distribution.bins[-1]) < end
    assert max(map(float, distribution.bins)) > 100


def test_categories_are_those_of_the_reference_with_shares_of_all_values() -> None:
    distribution = compare(["a", "b", "b", None], ["a", "c", None, "a", "a"], numerical=False)
    assert distribution.bins == ["a", "b"]
    assert distribution.reference == [
        pytest.approx(1 / 3, abs=0.001),
        pytest.approx(2 / 3, abs=0.001),
    ]
    assert distribution.current == [0.75, 0]
    assert distribution.rows == 4
    assert distribution.current_median is None


def test_missing_numbers_are_left_out() -> None:
    distribution = compare([1, 2, np.nan, 3], [2, np.nan, np.inf])
    assert distribution.rows == 1
    assert (distribution.current_median, distribution.reference_median) == (2, 2)


def test_a_column_without_values_in_the_reference_or_absent_from_the_records_is_left_out() -> None:
    binned = bin_reference(
        pd.DataFrame({"x": [1.0, 2.0], "empty": [np.nan, np.nan]}), ("x", "empty"), ()
    )
    assert [each.column for each in binned.compare(pd.DataFrame({"x": [1.0]}))] == ["x"]
    assert binned.compare(pd.DataFrame({"y": [1.0]})) == []
