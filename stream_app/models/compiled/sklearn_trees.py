"""Reads the trees of a scikit-learn model. Pure.

The only module that uses scikit-learn's private attributes. Where they are unknown or have changed
in another version, the model is not compiled and scikit-learn scores.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from stream_app.models.compiled.trees import Ensemble, Tree


def read_trees(estimator: Any) -> Ensemble | None:
    """The trees of an estimator; None if it is not made of trees that compare numbers."""
    if hasattr(estimator, "_predictors"):  # histogram gradient boosting
        rounds = [[_boosted(tree.nodes) for tree in trees] for trees in estimator._predictors]
        if any(tree is None for trees in rounds for tree in trees):
            return None
        return Ensemble(list(zip(*rounds, strict=True)), np.float64)
    members = np.asarray(getattr(estimator, "estimators_", ()), dtype=object)
    if members.ndim == 2:
        rate = estimator.learning_rate
        columns = [[_grown(tree.tree_, rate) for tree in trees] for trees in members.T]
        return Ensemble(columns, np.float32)
    trees = [_grown(tree) for tree in _iter_trees(estimator)]
    return Ensemble([trees], np.float32, averaged=True) if trees else None


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
