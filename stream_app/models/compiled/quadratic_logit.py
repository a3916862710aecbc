"""Compiles a smooth model to log-odds that are quadratic in age and salary, per gender. Pure.

Exact for logistic regression on terms of degree two or less, however they are scaled, and for
discriminant analysis: their log-odds are such a quadratic, so a few points determine all of it.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from contract.model.predictor import LibraryPredictor, SklearnModel
from contract.schema import CARS, Schema
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled.agreement import AGES, SALARIES, grid
from stream_app.models.compiled.links import logistic

AGE_UNIT: Final = 50.0
SALARY_UNIT: Final = 1e5
"""In these units the terms are of similar size, so that the fit loses no digits."""

FIT_POINTS: Final = grid(np.linspace(0, 100, 5), np.linspace(0, 200_000, 5))


@dataclass(frozen=True)
class QuadraticLogit:
    """Coefficients of the terms of `_terms`, shape (genders, 6)."""

    coefficients: Floats

    @classmethod
    def from_model(cls, model: LibraryPredictor) -> Self | None:
        """Fits a classifier's log-odds.

        Returns:
            None for another schema than the cars', and without a binary decision function.
        """
        if model.schema != CARS or not isinstance(model, SklearnModel):
            return None
        if not hasattr(model.estimator, "decision_function"):
            return None
        rows = model.to_frame(FIT_POINTS)
        log_odds = np.asarray(model.estimator.decision_function(rows), dtype=np.float64)
        if log_odds.ndim != 1:
            return None
        coefficients = []
        for gender in range(len(GENDERS)):
            same = FIT_POINTS.gender == gender
            terms = np.stack(_terms(FIT_POINTS.age[same], FIT_POINTS.annual_salary[same]), axis=1)
            coefficients.append(np.linalg.lstsq(terms, log_odds[same], rcond=None)[0])
        return cls(np.array(coefficients))

    def checks(self, schema: Schema) -> CarArrays:  # noqa: ARG002  of the cars
        """A grid of customers, with the limits of the schema, far from the points of the fit."""
        return grid(np.append(AGES, [0.0, 150.0]), np.append(SALARIES, [0.0, 1e9]))

    def outputs(self, features: FeatureArrays) -> Floats:
        """Probability of a purchase for each of n records, shape (n,)."""
        gender, age, salary = features
        log_odds = np.zeros(len(gender))
        factors = self.coefficients.T[:, gender]
        for factor, term in zip(factors, _terms(age, salary), strict=True):
            log_odds += factor * term
        return logistic(log_odds)


def _terms(age: Floats, salary: Floats) -> tuple[Floats, ...]:
    age, salary = age / AGE_UNIT, salary / SALARY_UNIT
    return np.ones_like(age), age, salary, age * age, age * salary, salary * salary
