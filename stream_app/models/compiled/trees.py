"""The trees of a model, whichever library grew them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from contract.schema.task import Floats


@dataclass(frozen=True)
class Tree:
    """A tree of n nodes, the first of which is its root.

    Attributes:
        column: Encoded column that a node compares, shape (n,); negative in leaves.
        threshold: A value up to it goes left.
        left: Left child.
        right: Right child.
        missing_left: Whether a missing value goes left.
        values: What a leaf adds to each output, shape (n, outputs).
        categories: Of nodes that compare a code with a list, not with their threshold: the list,
            and whether what is in it goes left.
    """

    column: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    values: Floats
    categories: Mapping[int, tuple[Sequence[int], bool]] = field(default_factory=dict)

    @property
    def leaves(self) -> int:
        """Number of leaves."""
        return int((self.column < 0).sum())


@dataclass(frozen=True)
class Ensemble:
    """The trees of a model.

    Attributes:
        trees: For each output its own trees, or trees whose leaves have a value for each output.
        compared_as: Type to which the trees convert a value before they compare it.
        averaged: Whether outputs are the mean of the trees; else scores are their sum.
    """

    trees: Sequence[Sequence[Tree]]
    compared_as: type[np.float32] | type[np.float64]
    averaged: bool = False

    def every(self) -> list[Tree]:
        """All trees, those of one output after those of another."""
        return list(chain(*self.trees))

    def thresholds(self) -> dict[int, Floats]:
        """The different thresholds of each encoded column, sorted."""
        every = self.every()
        columns = np.concatenate([tree.column for tree in every])
        values = np.concatenate([tree.threshold for tree in every])
        return {
            int(column): np.unique(values[columns == column])
            for column in np.unique(columns[columns >= 0])
        }

    def in_order(self, order: Sequence[int]) -> "Ensemble":
        """The same with outputs in another order; of two classes, for the second one alone.

        Args:
            order: Place of each class among those of the model; empty for numbers.
        """
        if not order:
            return self
        if len(self.trees) > 1:
            return replace(self, trees=[self.trees[place] for place in order])
        columns = order[1:] if len(order) == 2 else order

        def values(tree: Tree) -> Floats:
            if self.averaged:
                return np.asarray(tree.values[:, columns])
            return tree.values if list(columns) == [1] else -tree.values

        ordered = [replace(tree, values=values(tree)) for tree in self.trees[0]]
        return replace(self, trees=[ordered])
