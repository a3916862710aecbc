"""Compiles a tree model to a table with its probability for each cell between thresholds. Pure.

Exact: within a cell no tree distinguishes two records, and the model itself fills the table.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from contract.model.predictor import LibraryPredictor
from contract.schema import CARS, Schema
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled.agreement import grid
from stream_app.models.compiled.edges import find_edges, input_of_columns
from stream_app.models.compiled.tree_model import tree_model

MAX_CELLS: Final = 1_000_000
"""Maximum size of the table, 8 MB. A forest of 100 trees fills it in 3 s; ours has some 200,000."""

UPPER_BOUNDS: Final = (150.0, 1e9)
"""Maximum age and salary in the schema; the minimum is 0."""

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
    def from_model(cls, model: LibraryPredictor) -> Self | None:
        """Compiles a classifier of the cars' schema.

        Returns:
            None for another schema, other models than trees, and for too many cells.
        """
        if model.schema != CARS:
            return None
        trees = tree_model(model)
        owner = input_of_columns(trees) if trees else None
        if trees is None or owner is None:
            return None
        _, *edges = find_edges(trees, owner)
        ages, salaries = (
            np.append(feature_edges, upper)
            for feature_edges, upper in zip(edges, UPPER_BOUNDS, strict=True)
        )
        if len(GENDERS) * len(ages) * len(salaries) > MAX_CELLS:
            return None
        return cls(edges[0], edges[1], np.ascontiguousarray(model.outputs(grid(ages, salaries))))

    def checks(self, schema: Schema) -> CarArrays:  # noqa: ARG002  of the cars
        """Customers on each edge and just beyond it, and a grid of them."""
        ages, salaries = (
            np.concatenate([edges, np.nextafter(edges, np.inf)])
            for edges in (self.age, self.annual_salary)
        )
        sides = grid(), grid(ages, SAMPLE_SALARIES), grid(SAMPLE_AGES, salaries)
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
