"""The thresholds of every tree in a scikit-learn classifier. Pure.

The only file that looks into scikit-learn's objects. What it does not know, or finds changed by
another version, is no fault: the model is then scored by scikit-learn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.schema.classes import Floats


@dataclass(frozen=True)
class Thresholds:
    """Where the trees turn.

    Attributes:
        by_column: the thresholds on each encoded column; a value up to one goes left.
        compared_as: what the trees make of a value before they compare it.
    """

    by_column: dict[int, Floats]
    compared_as: type[np.float32] | type[np.float64]


def thresholds(classifier: Any) -> Thresholds | None:
    """The thresholds of a classifier; None if it is not made of trees."""
    if hasattr(classifier, "_predictors"):  # histogram gradient boosting
        nodes = [tree.nodes for trees in classifier._predictors for tree in trees]
        splits = np.concatenate([node[node["is_leaf"] == 0] for node in nodes])
        if splits["is_categorical"].any():
            return None
        return _thresholds(splits["feature_idx"], splits["num_threshold"], np.float64)
    trees = list(_trees(classifier))
    if not trees:
        return None
    columns = np.concatenate([tree.feature for tree in trees])
    values = np.concatenate([tree.threshold for tree in trees])
    return _thresholds(columns, values, np.float32)


def _trees(estimator: Any) -> Iterator[Any]:
    """Every tree of a tree, a forest or gradient boosting."""
    if hasattr(estimator, "tree_"):
        yield estimator.tree_
    for each in np.ravel(getattr(estimator, "estimators_", ())):
        yield from _trees(each)


def _thresholds(
    columns: Any, values: Any, compared_as: type[np.float32] | type[np.float64]
) -> Thresholds:
    splits = columns >= 0  # a leaf of a forest has no column
    columns, values = columns[splits], values[splits]
    return Thresholds(
        {int(column): np.unique(values[columns == column]) for column in np.unique(columns)},
        compared_as,
    )
