"""Who the customers are and which of them buy: the model behind the data set and the simulator.

Synthetic. Ranges and steps are those of the Kaggle set "car purchase decision"; the relations are
chosen to be plausible: salary rises with age and levels off, and the wish for a car with both.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

YOUNGEST: Final = 18
OLDEST: Final = 63
LOWEST_SALARY: Final = 15_000
HIGHEST_SALARY: Final = 152_500
SALARY_STEP: Final = 500

Floats: TypeAlias = NDArray[np.float64]


class Chance(NamedTuple):
    """Where each thing that is random about a customer comes from."""

    gender: Generator
    age: Generator
    salary: Generator
    wish: Generator

    @classmethod
    def of(cls, random: Generator) -> Self:
        """Generators apart: the n-th customer is the same however many are drawn at once."""
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
    """A population; its fields are what can drift. Each is a number, or an array of shape (n,)
    with one for each of n customers.

    Attributes:
        share_of_men: between 0 and 1.
        age_shift: years that everybody is older than in the data set.
        salary_factor: by how much everybody earns more than in the data set.
        reluctance: how much less, in log-odds, everybody wants a car: the target's own drift.
    """

    share_of_men: float | Floats = 0.5
    age_shift: float | Floats = 0.0
    salary_factor: float | Floats = 1.0
    reluctance: float | Floats = 0.0

    def toward(self, other: "Population", share: float | Floats) -> "Population":
        """The population that has gone this share (0 to 1) of the way to the other."""

        def between(ours: float | Floats, theirs: float | Floats) -> float | Floats:
            return ours + share * (theirs - ours)

        return Population(
            between(self.share_of_men, other.share_of_men),
            between(self.age_shift, other.age_shift),
            between(self.salary_factor, other.salary_factor),
            between(self.reluctance, other.reluctance),
        )

    def sample(self, count: int, chance: Chance) -> Customers:
        """Draws customers, each on their own."""
        male = chance.gender.random(count) < self.share_of_men
        age = np.rint(chance.age.normal(40.0, 10.5, count) + self.age_shift)
        age = np.clip(age, YOUNGEST, np.rint(OLDEST + np.maximum(0.0, self.age_shift)))
        usual = 72_500 + 900 * (age - 40) - 18 * (age - 40) ** 2 + 3_000 * male
        salary = self.salary_factor * chance.salary.normal(usual, 31_000)
        highest = HIGHEST_SALARY * np.maximum(1.0, self.salary_factor)
        salary = SALARY_STEP * np.rint(np.clip(salary, LOWEST_SALARY, highest) / SALARY_STEP)
        bought = chance.wish.random(count) < self.purchase_probability(age, salary)
        return Customers(
            male, age.astype(np.int64), salary.astype(np.int64), bought.astype(np.int64)
        )

    def purchase_probability(self, age: Floats, annual_salary: Floats) -> Floats:
        """What part of the customers of an age (years) and salary buys, shapes (n,) to (n,)."""
        wish = 0.27 * (age - 43.5) + (annual_salary - 75_000) / 11_500 - self.reluctance
        return np.asarray(1 / (1 + np.exp(-wish)), dtype=np.float64)


DATA_SET: Final = Population()
"""The population of the data set that we ship."""
