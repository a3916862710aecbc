"""Reads the trees of XGBoost, as the schema of its JSON model documents them. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from stream_app.models.compiled.trees import Ensemble, Tree


def read_trees(booster: Any, iterations: tuple[int, int]) -> Ensemble | None:
    """The trees of an `xgboost.Booster`.

    Args:
        booster: The model.
        iterations: The first of its rounds and the one after the last that is used; 0, 0 for all.

    Returns:
        None if it is made of something else, or weighs its trees (`dart`).
    """
    learner = msgspec.json.decode(booster.save_raw("json"))["learner"]
    gradient_booster = learner["gradient_booster"]
    if gradient_booster["name"] != "gbtree":
        return None
    model = gradient_booster["model"]
    starts = model["iteration_indptr"]
    used = slice(starts[iterations[0]], starts[iterations[1]] if iterations[1] else None)
    trees, output_of = model["trees"][used], model["tree_info"][used]
    if any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in trees):
        return None
    return Ensemble(
        [
            [_tree(tree) for tree, of in zip(trees, output_of, strict=True) if of == output]
            for output in range(max(output_of) + 1)
        ],
        np.float32,
    )


def _tree(tree: Mapping[str, Any]) -> Tree:
    left = np.array(tree["left_children"])
    is_leaf = left < 0
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    # XGBoost sends what is below a condition to the left, the trees here what is not above
    threshold = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64)
    codes = tree["categories"]
    listed = {
        node: (codes[start : start + size], False)
        for node, start, size in zip(
            tree["categories_nodes"],
            tree["categories_segments"],
            tree["categories_sizes"],
            strict=True,
        )
    }
    return Tree(
        np.where(is_leaf, -1, tree["split_indices"]),
        threshold,
        left,
        np.array(tree["right_children"]),
        np.array(tree["default_left"], dtype=np.bool_),
        np.where(is_leaf, conditions, 0).astype(np.float64).reshape(-1, 1),
        listed,
    )
