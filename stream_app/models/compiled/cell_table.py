"""Compiles a tree model to a table with its probability for each cell between thresholds. Pure.

Exact: within a cell no tree distinguishes two records, and the model itself fills the table.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled.agreement import grid
from stream_app.models.compiled.edges import UPPER_BOUNDS, find_edges

MAX_CELLS: Final = 1_000_000
"""Maximum size of the table, 8 MB. A forest of 100 trees fills it in 3 s; ours has some 200,000."""

SAMPLE_AGES: Final = np.array([33.0, 47.0])
SAMPLE_SALARIES: Final = np.array([41_250.0, 90_000.0])


@dataclass(frozen=True)
class CellTable:
    """Probabilities by gender, age cell and salary cell, flattened.

    Attributes:
        age: Upper edges of the age cells, in years.
        annual_salary: Upper edges of the salary cells.
        table: Shape (genders * (ages + 1) * (salaries + 1),).
    """

    age: Floats
    annual_salary: Floats
    table: Floats

    @classmethod
    def from_model(cls, model: Any) -> Self | None:
        """Compiles a classifier; None if it is not made of trees, or has too many cells."""
        edges = find_edges(model)
        if edges is None:
            return None
        ages, salaries = (
            np.append(feature_edges, upper)
            for feature_edges, upper in zip(edges, UPPER_BOUNDS, strict=True)
        )
        if len(GENDERS) * len(ages) * len(salaries) > MAX_CELLS:
            return None
        cell_ends = CARS.encoder.arrays_to_frame(grid(ages, salaries))
        return cls(*edges, np.ascontiguousarray(model.predict_proba(cell_ends)[:, 1]))

    def corners(self) -> CarArrays:
        """Customers on each edge and just beyond it, to check the edges."""
        ages, salaries = (
            np.concatenate([edges, np.nextafter(edges, np.inf)])
            for edges in (self.age, self.annual_salary)
        )
        sides = grid(ages, SAMPLE_SALARIES), grid(SAMPLE_AGES, salaries)
        return CarArrays(*(np.concatenate(columns) for columns in zip(*sides, strict=True)))

    def outputs(self, features: FeatureArrays) -> Floats:
        """Probability of a purchase for each of n records, shape (n,)."""
        gender, age, salary = features
        ages, salaries = len(self.age) + 1, len(self.annual_salary) + 1
        cell = gender * ages + np.searchsorted(self.age, age)
        cell *= salaries
        cell += np.searchsorted(self.annual_salary, salary)
        probabilities: Floats = self.table[cell]
        return probabilities
