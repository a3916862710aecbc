"""Reads the thresholds of every tree in a scikit-learn classifier. Pure.

The only module that uses scikit-learn's private attributes. Where they are unknown or have changed
in another version, the model is not compiled and scikit-learn scores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.schema.task import Floats


@dataclass(frozen=True)
class SplitThresholds:
    """The thresholds at which the trees branch.

    Attributes:
        by_column: SplitThresholds by encoded column. A value up to a threshold goes left.
        compared_as: Type to which the trees convert a value before they compare it.
    """

    by_column: dict[int, Floats]
    compared_as: type[np.float32] | type[np.float64]


def tree_thresholds(classifier: Any) -> SplitThresholds | None:
    """The thresholds of a classifier; None if it is not made of trees."""
    if hasattr(classifier, "_predictors"):  # histogram gradient boosting
        nodes = [tree.nodes for trees in classifier._predictors for tree in trees]
        splits = np.concatenate([node[node["is_leaf"] == 0] for node in nodes])
        if splits["is_categorical"].any():
            return None
        return _group_by_column(splits["feature_idx"], splits["num_threshold"], np.float64)
    trees = list(_iter_trees(classifier))
    if not trees:
        return None
    columns = np.concatenate([tree.feature for tree in trees])
    values = np.concatenate([tree.threshold for tree in trees])
    return _group_by_column(columns, values, np.float32)


def _iter_trees(estimator: Any) -> Iterator[Any]:
    """Every tree of a decision tree, a forest or gradient boosting."""
    if hasattr(estimator, "tree_"):
        yield estimator.tree_
    for member in np.ravel(getattr(estimator, "estimators_", ())):
        yield from _iter_trees(member)


def _group_by_column(
    columns: Any, values: Any, compared_as: type[np.float32] | type[np.float64]
) -> SplitThresholds:
    is_split = columns >= 0  # a leaf of a forest has no column
    columns, values = columns[is_split], values[is_split]
    return SplitThresholds(
        {int(column): np.unique(values[columns == column]) for column in np.unique(columns)},
        compared_as,
    )
