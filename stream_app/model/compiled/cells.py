"""A model made of trees -> a table with its answer for every cell between their thresholds. Pure.

Exact: within a cell no tree can tell two records apart, and the model itself fills the table.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.classes import Floats
from contract.schema.features import FeatureArrays
from stream_app.model.compiled.agreement import grid
from stream_app.model.compiled.edges import HIGHEST, edges

MOST_CELLS: Final = 1_000_000
"""Bound of the table, 8 MB, which a forest of 100 trees fills in 3 s. Ours has some 200,000."""

SOME_AGES: Final = np.array([33.0, 47.0])
SOME_SALARIES: Final = np.array([41_250.0, 90_000.0])


@dataclass(frozen=True)
class Cells:
    """Probabilities by gender, age cell and salary cell, flattened.

    Attributes:
        age: edges in years; a cell ends with its edge.
        annual_salary: likewise.
        table: shape (genders * (ages + 1) * (salaries + 1),).
    """

    age: Floats
    annual_salary: Floats
    table: Floats

    @classmethod
    def of(cls, model: Any) -> Self | None:
        """The cells of a classifier; None if it is not made of trees, or has too many."""
        found = edges(model)
        if found is None:
            return None
        ages, salaries = (
            np.append(each, highest) for each, highest in zip(found, HIGHEST, strict=True)
        )
        if len(GENDERS) * len(ages) * len(salaries) > MOST_CELLS:
            return None
        ends = CARS.encoder.arrays_to_frame(grid(ages, salaries))
        return cls(*found, np.ascontiguousarray(model.predict_proba(ends)[:, 1]))

    def corners(self) -> CarArrays:
        """Customers on each edge and just beyond it, for a check of the edges."""
        ages, salaries = (
            np.concatenate([each, np.nextafter(each, np.inf)])
            for each in (self.age, self.annual_salary)
        )
        sides = grid(ages, SOME_SALARIES), grid(SOME_AGES, salaries)
        return CarArrays(*(np.concatenate(each) for each in zip(*sides, strict=True)))

    def probabilities(self, given: FeatureArrays) -> Floats:
        """The probability of a purchase for each of n records, shape (n,)."""
        gender, age, salary = given
        ages, salaries = len(self.age) + 1, len(self.annual_salary) + 1
        cell = gender * ages + np.searchsorted(self.age, age)
        cell *= salaries
        cell += np.searchsorted(self.annual_salary, salary)
        probabilities: Floats = self.table[cell]
        return probabilities
