"""A population drifts as configured, and its customers are independent of each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.population import DATA_SET, Population, RandomStreams


def chance(seed: int = 7) -> RandomStreams:
    return RandomStreams.spawn(np.random.default_rng(seed))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_customers_do_not_depend_on_the_batch_size(counts: list[int]) -> None:
    bit_by_bit = chance()
    samples = [DATA_SET.sample(count, bit_by_bit) for count in counts]
    whole = DATA_SET.sample(sum(counts), chance())
    for name in ("male", "age", "annual_salary", "purchased"):
        parts = np.concatenate([getattr(sample, name) for sample in samples])
        np.testing.assert_array_equal(parts, getattr(whole, name))


def test_each_customer_may_have_a_population_of_their_own() -> None:
    older = DATA_SET.interpolate(Population(age_shift=20), np.array([0.0, 0.5, 1.0] * 1_000))
    ages = older.sample(3_000, chance()).age
    assert ages[1::3].mean() - ages[::3].mean() == pytest.approx(10, abs=1)
    assert ages[2::3].mean() - ages[::3].mean() == pytest.approx(20, abs=1.5)


def test_halfway_between_two_populations_is_the_mean_of_all_that_drifts() -> None:
    other = Population(male_ratio=1.0, age_shift=10, salary_factor=2.0, concept_shift=4)
    assert DATA_SET.interpolate(other, 0.5) == Population(0.75, 5.0, 1.5, 2.0)
    assert DATA_SET.interpolate(other, 0.0) == DATA_SET
    assert DATA_SET.interpolate(other, 1.0) == other


def test_concept_shift_lowers_purchases_and_leaves_the_customers_as_they_are() -> None:
    usual = DATA_SET.sample(5_000, chance())
    reluctant = Population(concept_shift=3).sample(5_000, chance())
    np.testing.assert_array_equal(usual.age, reluctant.age)
    np.testing.assert_array_equal(usual.annual_salary, reluctant.annual_salary)
    assert reluctant.purchased.mean() < usual.purchased.mean() - 0.2


def test_concept_shift_is_subtracted_from_the_log_odds() -> None:
    age, salary = np.array([30.0, 55.0]), np.array([60_000.0, 120_000.0])

    def log_odds(population: Population) -> np.ndarray:
        bought = population.purchase_probability(age, salary)
        return np.asarray(np.log(bought / (1 - bought)))

    np.testing.assert_allclose(log_odds(DATA_SET) - log_odds(Population(concept_shift=1.5)), 1.5)


@given(
    male_ratio=st.floats(0, 1),
    age_shift=st.floats(-45, 87),
    salary_factor=st.floats(0.01, 1_000),
    seed=st.integers(0, 1_000),
)
def test_however_it_drifts_a_customer_fits_the_contract(
    male_ratio: float, age_shift: float, salary_factor: float, seed: int
) -> None:
    population = Population(male_ratio, age_shift, salary_factor)
    sample = population.sample(200, chance(seed))
    assert ((sample.age >= 0) & (sample.age <= 150)).all()
    assert ((sample.annual_salary >= 0) & (sample.annual_salary <= 1e9)).all()
