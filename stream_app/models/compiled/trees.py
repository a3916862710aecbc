"""Reads the trees of a scikit-learn model. Pure.

The only module that uses scikit-learn's private attributes. Where they are unknown or have changed
in another version, the model is not compiled and scikit-learn scores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
    """

    column: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    values: Floats

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
    """

    trees: Sequence[Sequence[Tree]]
    compared_as: type[np.float32] | type[np.float64]

    def thresholds(self) -> dict[int, Floats]:
        """The different thresholds of each encoded column, sorted."""
        every = [tree for trees in self.trees for tree in trees]
        columns = np.concatenate([tree.column for tree in every])
        values = np.concatenate([tree.threshold for tree in every])
        return {
            int(column): np.unique(values[columns == column])
            for column in np.unique(columns[columns >= 0])
        }


def read_trees(estimator: Any) -> Ensemble | None:
    """The trees of an estimator; None if it is not made of trees that compare numbers."""
    if hasattr(estimator, "_predictors"):  # histogram gradient boosting
        rounds = [[_boosted(tree.nodes) for tree in trees] for trees in estimator._predictors]
        if any(tree is None for trees in rounds for tree in trees):
            return None
        return Ensemble(list(zip(*rounds, strict=True)), np.float64)
    members = np.asarray(getattr(estimator, "estimators_", ()), dtype=object)
    if members.ndim == 2:  # gradient boosting: rounds of a tree for each output
        rate = estimator.learning_rate
        columns = [[_grown(tree.tree_, rate) for tree in trees] for trees in members.T]
        return Ensemble(columns, np.float32)
    trees = [_grown(tree) for tree in _iter_trees(estimator)]
    return Ensemble([trees], np.float32) if trees else None


def _iter_trees(estimator: Any) -> Iterator[Any]:
    """Every tree of a decision tree or a forest."""
    if hasattr(estimator, "tree_"):
        yield estimator.tree_
    for member in getattr(estimator, "estimators_", ()):
        yield from _iter_trees(member)


def _grown(tree: Any, rate: float = 1.0) -> Tree:
    return Tree(
        np.where(tree.children_left < 0, -1, tree.feature),
        tree.threshold,
        tree.children_left,
        tree.children_right,
        tree.missing_go_to_left.astype(bool),
        rate * tree.value[:, 0, :],
    )


def _boosted(nodes: Any) -> Tree | None:
    is_leaf = nodes["is_leaf"] == 1
    if nodes["is_categorical"][~is_leaf].any():
        return None
    return Tree(
        np.where(is_leaf, -1, nodes["feature_idx"].astype(np.int64)),
        nodes["num_threshold"],
        nodes["left"].astype(np.int64),
        nodes["right"].astype(np.int64),
        nodes["missing_go_to_left"].astype(bool),
        nodes["value"].reshape(-1, 1),
    )
