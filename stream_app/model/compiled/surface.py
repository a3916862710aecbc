"""A smooth model -> for each gender, its log-odds as a quadratic in age and salary. Pure.

Exact for logistic regression on terms of degree two or less, whatever scales them first, and for
discriminant analysis: their log-odds are such a quadratic, so a few points tell all of it.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays
from stream_app.model.compiled.agreement import grid

AGE_UNIT: Final = 50.0
SALARY_UNIT: Final = 1e5
"""The terms are of like size in these units, so that the fit loses no digits."""

POINTS: Final = grid(np.linspace(0, 100, 5), np.linspace(0, 200_000, 5))


@dataclass(frozen=True)
class Surface:
    """Coefficients of the terms of `_terms`, shape (genders, 6)."""

    coefficients: Floats

    @classmethod
    def of(cls, model: Any) -> Self | None:
        """The surface through a classifier's log-odds; None if it has no decision function."""
        if not hasattr(model, "decision_function"):
            return None
        odds = np.asarray(
            model.decision_function(CARS.encoder.arrays_to_frame(POINTS)), dtype=np.float64
        )
        if odds.ndim != 1:
            return None
        fits = []
        for gender in range(len(GENDERS)):
            chosen = POINTS.gender == gender
            terms = np.stack(_terms(POINTS.age[chosen], POINTS.annual_salary[chosen]), axis=1)
            fits.append(np.linalg.lstsq(terms, odds[chosen], rcond=None)[0])
        return cls(np.array(fits))

    def corners(self) -> CarArrays:
        """Customers at the contract's limits, for a check far from the points of the fit."""
        return grid(np.array([0.0, 150.0]), np.array([0.0, 1e9]))

    def probabilities(self, given: FeatureArrays) -> Floats:
        """The probability of a purchase for each of n records, shape (n,)."""
        gender, age, salary = given
        odds = np.zeros(len(gender))
        factors = self.coefficients.T[:, gender]
        for factor, term in zip(factors, _terms(age, salary), strict=True):
            odds += factor * term
        small = np.exp(-np.abs(odds))  # never overflows
        return np.where(odds >= 0, 1.0, small) / (1.0 + small)


def _terms(age: Floats, salary: Floats) -> tuple[Floats, ...]:
    age, salary = age / AGE_UNIT, salary / SALARY_UNIT
    return np.ones_like(age), age, salary, age * age, age * salary, salary * salary
