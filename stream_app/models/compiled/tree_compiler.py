"""Compiles a scikit-learn model of trees to bit masks. Pure.

Exact: the model's own encoder says at which numbers its trees branch, and what each value becomes.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import SklearnModel
from contract.schema.inputs import Feature
from contract.schema.task import Floats
from stream_app.models.compiled.edges import encode_dense, find_edges, input_of_columns, last_step
from stream_app.models.compiled.links import IDENTITY, class_order, link_of, model_scores
from stream_app.models.compiled.tree_masks import MAX_LEAVES, TreeMasks
from stream_app.models.compiled.trees import Ensemble, Tree, read_trees

MAX_BYTES: Final = 64_000_000
"""Maximum size of all masks."""

MAX_TREES: Final = 2_000
"""Maximum number of trees. They take some 20 microseconds a record."""

FORESTS: Final = ("DecisionTree", "ExtraTree", "RandomForest")
BOOSTED: Final = ("GradientBoosting", "HistGradientBoosting")

_ALL: Final = np.uint64(2**64 - 1)


def compile_trees(model: SklearnModel) -> TreeMasks | None:
    """Compiles trees.

    Returns:
        None for other models, trees or masks that are too large, and if an encoded column depends
        on several inputs.
    """
    estimator = last_step(model)
    kind = type(estimator).__name__
    ensemble = read_trees(estimator) if kind.startswith((*FORESTS, *BOOSTED)) else None
    if ensemble is None or any(tree.leaves > MAX_LEAVES for tree in chain(*ensemble.trees)):
        return None
    owner = input_of_columns(model)
    if owner is None:
        return None
    edges = find_edges(model, ensemble, owner)
    used = sorted({int(owner[column]) for column in ensemble.thresholds()})
    values = [_row_values(*each) for each in zip(model.schema.inputs, edges, strict=True)]
    order = [] if model.schema.task.numeric else class_order(model)
    boosted = kind.startswith(BOOSTED)
    trees, leaves = (_boosted if boosted else _forest)(ensemble, order)
    rows = sum(len(values[index]) for index in used)
    size = rows * len(trees) * _ALL.itemsize
    if not used or len(trees) > MAX_TREES or size > MAX_BYTES:
        return None
    longest = max(map(len, values))
    encoded = encode_dense(model, tuple(np.resize(each, longest) for each in values))
    encoded = encoded.astype(ensemble.compared_as)
    groups = len(ensemble.trees)
    compiled = TreeMasks(
        inputs=np.array(used),
        numerical=np.array([model.schema.inputs[index].numerical for index in used]),
        edges=np.concatenate([edges[index] for index in used]),
        edge_ends=np.cumsum([len(edges[index]) for index in used]),
        masks=np.concatenate(
            [_masks(trees, owner == index, encoded[: len(values[index])]) for index in used]
        ),
        mask_ends=np.cumsum([len(values[index]) for index in used]),
        leaves=leaves,
        groups=np.array(groups),
        divisor=np.array(1.0 if boosted else len(trees)),
        offset=np.zeros(max(groups, len(leaves))),
        link=np.array(link_of(model.schema) if boosted else IDENTITY),
    )
    if not boosted:
        return compiled
    one = tuple(each[:1] for each in values)
    return replace(compiled, offset=(model_scores(model, one) - compiled.scores(one))[0])


def _row_values(column: Feature, edges: Floats) -> NDArray[Any]:
    """A value for each row of an input's masks, in their order."""
    if column.range is None:
        return np.array([-1 if column.nullable else 0, *range(len(column.categories))])
    highest = column.range[1]
    return np.array([*edges, highest, np.nan if column.nullable else highest])


def _forest(ensemble: Ensemble, order: Sequence[int]) -> tuple[list[Tree], Floats]:
    """Trees, and their leaves with a value for each output, see `TreeMasks`."""
    trees = list(ensemble.trees[0])
    outputs = order[1:] if len(order) == 2 else order or [0]
    return trees, np.stack([_leaves(trees, output) for output in outputs])


def _boosted(ensemble: Ensemble, order: Sequence[int]) -> tuple[list[Tree], Floats]:
    """Trees of one output after the other, and their leaves, see `TreeMasks`."""
    if len(ensemble.trees) > 1:
        trees = list(chain(*(ensemble.trees[index] for index in order)))
        return trees, _leaves(trees)[None]
    trees = list(ensemble.trees[0])
    sign = -1.0 if list(order) == [1, 0] else 1.0  # log-odds are of the model's second class
    return trees, sign * _leaves(trees)[None]


def _leaves(trees: Sequence[Tree], output: int = 0) -> Floats:
    leaves = np.zeros((len(trees), MAX_LEAVES))
    for row, tree in zip(leaves, trees, strict=True):
        in_order, _ = _walk(tree)
        row[: len(in_order)] = tree.values[in_order, output]
    return leaves.ravel()


def _walk(tree: Tree) -> tuple[list[int], dict[int, range]]:
    """The leaves from left to right, and which of them are on the left side of each other node."""
    leaves: list[int] = []
    left_sides: dict[int, range] = {}

    def visit(node: int) -> None:
        if tree.column[node] < 0:
            leaves.append(node)
            return
        first = len(leaves)
        visit(tree.left[node])
        left_sides[node] = range(first, len(leaves))
        visit(tree.right[node])

    visit(0)
    return leaves, left_sides


def _masks(
    trees: Sequence[Tree], of_input: NDArray[np.bool_], encoded: NDArray[Any]
) -> NDArray[np.uint64]:
    """The masks of an input, shape (rows, trees).

    Args:
        trees: Of which a bit is a leaf.
        of_input: Whether an encoded column depends on the input.
        encoded: The encoded columns for each row's value, as the trees compare them.
    """
    masks = np.full((len(encoded), len(trees)), _ALL)
    for index, tree in enumerate(trees):
        for node, left_side in _walk(tree)[1].items():
            if of_input[tree.column[node]]:
                excluded = np.uint64(sum(1 << leaf for leaf in left_side))
                masks[_goes_right(tree, node, encoded), index] &= ~excluded
    return masks


def _goes_right(tree: Tree, node: int, encoded: NDArray[Any]) -> NDArray[np.bool_]:
    values = encoded[:, tree.column[node]]
    return np.where(
        np.isnan(values), not tree.missing_left[node], ~(values <= tree.threshold[node])
    )
