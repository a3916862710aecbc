"""Distributions of columns, which the page draws beside the reference's."""

import numpy as np
import pytest

from contract.schema import CARS
from data.population import DATA_SET, Population
from monitoring.drift.columns import PROBABILITY
from monitoring.windows.distributions import (
    MAX_CATEGORIES,
    OTHERS,
    QUANTILES,
    ReferenceDistributions,
)
from tests.support.reference import reference_rows

REFERENCE = reference_rows(1_000, 1)
NUMBER, NAME = CARS.numerical[0], CARS.categorical[0]


def test_each_feature_and_the_probability_is_paired_with_the_reference() -> None:
    pairs = ReferenceDistributions(REFERENCE, CARS).compare(reference_rows(500, 2))
    assert {*pairs} == {*CARS.categorical, *CARS.numerical, PROBABILITY}
    for name in CARS.numerical:
        assert len(pairs[name].current.quantiles) == len(QUANTILES)
        assert not pairs[name].current.shares
    for name in CARS.categorical:
        assert sum(pairs[name].current.shares.values()) == pytest.approx(1, abs=1e-3)
        assert pairs[name].current.shares.keys() == pairs[name].reference.shares.keys()


def test_quantiles_are_those_of_the_values_and_rise() -> None:
    rows = reference_rows(101, 3)
    rows[NUMBER] = np.arange(101.0)
    current = ReferenceDistributions(REFERENCE, CARS).compare(rows)[NUMBER].current
    assert current.quantiles == tuple(100 * each for each in QUANTILES)


def test_shift_of_the_population_shows_in_the_quantiles() -> None:
    moved = ReferenceDistributions(REFERENCE, CARS).compare(
        reference_rows(1_000, 4, Population(age_shift=8))
    )["Age"]
    still = ReferenceDistributions(REFERENCE, CARS).compare(reference_rows(1_000, 4, DATA_SET))[
        "Age"
    ]
    middle = QUANTILES.index(0.5)
    assert moved.current.quantiles[middle] - still.current.quantiles[middle] == pytest.approx(
        8, abs=1.5
    )
    assert moved.reference == still.reference


def test_what_is_missing_or_no_number_does_not_count() -> None:
    rows = reference_rows(5, 5)
    rows[NUMBER] = [1.0, np.nan, np.inf, 1.0, 1.0]
    rows[NAME] = [*rows[NAME][:4], None]
    pairs = ReferenceDistributions(REFERENCE, CARS).compare(rows)
    assert set(pairs[NUMBER].current.quantiles) == {1.0}
    assert sum(pairs[NAME].current.shares.values()) == pytest.approx(1, abs=1e-3)


def test_a_column_without_a_value_is_left_out() -> None:
    rows = reference_rows(5, 6).assign(**{PROBABILITY: np.nan})
    assert PROBABILITY not in ReferenceDistributions(REFERENCE, CARS).compare(rows)


def test_rare_categories_are_summed_up_as_others() -> None:
    names = [f"name {number}" for number in range(40) for _ in range(number + 1)]
    reference = reference_rows(len(names), 7).assign(**{NAME: names})
    current = ReferenceDistributions(reference, CARS).compare(reference)[NAME].current
    assert len(current.shares) == MAX_CATEGORIES + 1
    assert current.shares["name 39"] == pytest.approx(40 / len(names), abs=1e-4)
    unseen = reference.assign(**{NAME: "never seen"})
    assert ReferenceDistributions(reference, CARS).compare(unseen)[NAME].current.shares[OTHERS] == 1
