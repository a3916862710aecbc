"""Synthetic population of customers: the source of the data set and of the simulator.

Ranges and steps are those of the Kaggle data set "car purchase decision". The relations are chosen
to be plausible: salary rises with age and levels off, and the probability of a purchase rises with
both.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

MIN_AGE: Final = 18
MAX_AGE: Final = 63
MIN_SALARY: Final = 15_000
MAX_SALARY: Final = 152_500
SALARY_STEP: Final = 500

Floats: TypeAlias = NDArray[np.float64]


class RandomStreams(NamedTuple):
    """A random generator for each random attribute of a customer."""

    gender: Generator
    age: Generator
    salary: Generator
    purchase: Generator

    @classmethod
    def spawn(cls, random: Generator) -> Self:
        """Independent generators, so that the n-th customer does not depend on the batch size."""
        return cls(*random.spawn(len(cls._fields)))


@dataclass(frozen=True, slots=True)
class Customers:
    """A sample of n customers: arrays of shape (n,), ages in whole years."""

    male: NDArray[np.bool_]
    age: NDArray[np.int64]
    annual_salary: NDArray[np.int64]
    purchased: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Population:
    """Parameters of a population. They can drift.

    Each is a number, or an array of shape (n,) with a value for each of n customers.

    Attributes:
        male_ratio: Ratio of men, from 0 to 1.
        age_shift: Years added to the ages of the data set.
        salary_factor: Factor on the salaries of the data set.
        concept_shift: Subtracted from the log-odds of a purchase.
    """

    male_ratio: float | Floats = 0.5
    age_shift: float | Floats = 0.0
    salary_factor: float | Floats = 1.0
    concept_shift: float | Floats = 0.0

    def interpolate(self, other: "Population", fraction: float | Floats) -> "Population":
        """The population at a fraction (0 to 1) of the way to another one."""

        def between(start: float | Floats, end: float | Floats) -> float | Floats:
            return start + fraction * (end - start)

        return Population(
            between(self.male_ratio, other.male_ratio),
            between(self.age_shift, other.age_shift),
            between(self.salary_factor, other.salary_factor),
            between(self.concept_shift, other.concept_shift),
        )

    def sample(self, count: int, random: RandomStreams) -> Customers:
        """Draws independent customers."""
        male = random.gender.random(count) < self.male_ratio
        age = np.rint(random.age.normal(40.0, 10.5, count) + self.age_shift)
        age = np.clip(age, MIN_AGE, np.rint(MAX_AGE + np.maximum(0.0, self.age_shift)))
        usual = 72_500 + 900 * (age - 40) - 18 * (age - 40) ** 2 + 3_000 * male
        salary = self.salary_factor * random.salary.normal(usual, 31_000)
        highest = MAX_SALARY * np.maximum(1.0, self.salary_factor)
        salary = SALARY_STEP * np.rint(np.clip(salary, MIN_SALARY, highest) / SALARY_STEP)
        bought = random.purchase.random(count) < self.purchase_probability(age, salary)
        return Customers(
            male, age.astype(np.int64), salary.astype(np.int64), bought.astype(np.int64)
        )

    def purchase_probability(self, age: Floats, annual_salary: Floats) -> Floats:
        """Probability of a purchase by age (years) and salary; all shapes are (n,)."""
        log_odds = 0.27 * (age - 43.5) + (annual_salary - 75_000) / 11_500 - self.concept_shift
        return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)


DATA_SET: Final = Population()
"""The population of the shipped data set."""
