"""How columns are spread: what the page draws of each window beside the reference."""

import numpy as np
import pytest

from contract.features import CATEGORICAL, NUMERICAL
from data.population import DATA_SET, Population
from monitoring.drift.columns import PROBABILITY
from monitoring.windows.distributions import MOST_NAMES, OTHERS, QUANTILES, Spreads
from tests.support.reference import table

REFERENCE = table(1_000, 1)
NUMBER, NAME = NUMERICAL[0], CATEGORICAL[0]


def test_each_feature_and_the_probability_is_told_beside_the_reference() -> None:
    found = Spreads(REFERENCE).beside(table(500, 2))
    assert {*found} == {*CATEGORICAL, *NUMERICAL, PROBABILITY}
    for name in NUMERICAL:
        assert len(found[name].now.quantiles) == len(QUANTILES)
        assert not found[name].now.shares
    for name in CATEGORICAL:
        assert sum(found[name].now.shares.values()) == pytest.approx(1, abs=1e-3)
        assert found[name].now.shares.keys() == found[name].reference.shares.keys()


def test_quantiles_are_those_of_the_values_and_rise() -> None:
    rows = table(101, 3)
    rows[NUMBER] = np.arange(101.0)
    now = Spreads(REFERENCE).beside(rows)[NUMBER].now
    assert now.quantiles == tuple(100 * each for each in QUANTILES)


def test_a_population_that_moved_is_seen_to_have_moved() -> None:
    moved = Spreads(REFERENCE).beside(table(1_000, 4, Population(age_shift=8)))["Age"]
    still = Spreads(REFERENCE).beside(table(1_000, 4, DATA_SET))["Age"]
    middle = QUANTILES.index(0.5)
    assert moved.now.quantiles[middle] - still.now.quantiles[middle] == pytest.approx(8, abs=1.5)
    assert moved.reference == still.reference


def test_what_is_missing_or_no_number_does_not_count() -> None:
    rows = table(5, 5)
    rows[NUMBER] = [1.0, np.nan, np.inf, 1.0, 1.0]
    rows[NAME] = [*rows[NAME][:4], None]
    found = Spreads(REFERENCE).beside(rows)
    assert set(found[NUMBER].now.quantiles) == {1.0}
    assert sum(found[NAME].now.shares.values()) == pytest.approx(1, abs=1e-3)


def test_a_column_without_a_value_is_left_out() -> None:
    rows = table(5, 6).assign(**{PROBABILITY: np.nan})
    assert PROBABILITY not in Spreads(REFERENCE).beside(rows)


def test_many_categories_are_told_as_the_most_frequent_and_others() -> None:
    names = [f"name {number}" for number in range(40) for _ in range(number + 1)]
    known = table(len(names), 7).assign(**{NAME: names})
    now = Spreads(known).beside(known)[NAME].now
    assert len(now.shares) == MOST_NAMES + 1
    assert now.shares["name 39"] == pytest.approx(40 / len(names), abs=1e-4)
    strange = known.assign(**{NAME: "never seen"})
    assert Spreads(known).beside(strange)[NAME].now.shares[OTHERS] == 1
