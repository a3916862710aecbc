"""Reads the trees of LightGBM, as `Booster.dump_model` documents them. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema.task import Floats
from stream_app.models.compiled.trees import Ensemble, Tree

ZERO: Final = np.float64(np.float32(1e-35))
"""LightGBM reads smaller numbers as 0, and branches at this one."""


def round_to_zero(matrix: NDArray[Any]) -> Floats:
    """What LightGBM reads in place of numbers that are nearly 0."""
    return np.where(np.abs(matrix) <= ZERO, 0.0, matrix)


def read_trees(booster: Any) -> Ensemble | None:
    """The trees of a `lightgbm.Booster`; None if one counts zeros as missing."""
    model = booster.dump_model()
    roots = [each["tree_structure"] for each in model["tree_info"]]
    trees = [tree for tree in map(_tree, roots) if tree is not None]
    if len(trees) < len(roots):
        return None
    outputs = model["num_tree_per_iteration"]
    return Ensemble([trees[output::outputs] for output in range(outputs)], np.float64)


def _tree(root: Mapping[str, Any]) -> Tree | None:
    nodes: list[Mapping[str, Any]] = []
    children: list[tuple[int, int]] = []

    def visit(node: Mapping[str, Any]) -> int:
        place = len(nodes)
        nodes.append(node)
        children.append((-1, -1))
        if "left_child" in node:
            children[place] = visit(node["left_child"]), visit(node["right_child"])
        return place

    visit(root)
    inner = {place: node for place, node in enumerate(nodes) if "left_child" in node}
    if any(node["missing_type"] == "Zero" for node in inner.values()):
        return None
    listed = {
        place: ([int(code) for code in node["threshold"].split("||")], True)
        for place, node in inner.items()
        if node["decision_type"] == "=="
    }
    threshold = np.zeros(len(nodes))
    missing_left = np.zeros(len(nodes), dtype=np.bool_)
    for place in inner.keys() - listed.keys():
        node = inner[place]
        threshold[place] = node["threshold"]
        # without missing values in training, one counts as 0
        missing_left[place] = (
            node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        )
    return Tree(
        np.array([node.get("split_feature", -1) for node in nodes]),
        threshold,
        np.array([left for left, _ in children]),
        np.array([right for _, right in children]),
        missing_left,
        np.array([[node.get("leaf_value", 0.0)] for node in nodes]),
        listed,
    )
