"""Compiles trees to bit masks. Pure.

Exact: the model's own encoder says at which numbers its trees branch, and what each value becomes.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import LibraryPredictor
from contract.schema.inputs import Feature
from contract.schema.task import Floats
from stream_app.models.compiled.edges import find_edges, input_of_columns
from stream_app.models.compiled.links import IDENTITY, link_of
from stream_app.models.compiled.tree_masks import MAX_LEAVES, TreeMasks
from stream_app.models.compiled.tree_model import tree_model
from stream_app.models.compiled.trees import Tree

MAX_BYTES: Final = 64_000_000
"""Maximum size of all masks."""

MAX_TREES: Final = 2_000
"""Maximum number of trees. They take some 20 microseconds a record."""

_ALL: Final = np.uint64(2**64 - 1)


def compile_trees(model: LibraryPredictor) -> TreeMasks | None:
    """Compiles trees.

    Returns:
        None for other models, trees or masks that are too large, and if an encoded column depends
        on several inputs.
    """
    source = tree_model(model)
    if source is None:
        return None
    ensemble, inputs = source.ensemble, source.schema.inputs
    trees = ensemble.every()
    if len(trees) > MAX_TREES or any(tree.leaves > MAX_LEAVES for tree in trees):
        return None
    owner = input_of_columns(source)
    used = [] if owner is None else sorted({int(owner[each]) for each in ensemble.thresholds()})
    if owner is None or not used:
        return None
    edges = find_edges(source, owner)
    values = [_row_values(*each) for each in zip(inputs, edges, strict=True)]
    if sum(len(values[index]) for index in used) * len(trees) * _ALL.itemsize > MAX_BYTES:
        return None
    longest = max(map(len, values))
    encoded = source.encode(tuple(np.resize(each, longest) for each in values))
    encoded = encoded.astype(ensemble.compared_as)
    leaves = _leaves(trees)
    compiled = TreeMasks(
        inputs=np.array(used),
        numerical=np.array([inputs[index].numerical for index in used]),
        edges=np.concatenate([edges[index] for index in used]),
        edge_ends=np.cumsum([len(edges[index]) for index in used]),
        masks=np.concatenate(
            [_masks(trees, owner == index, encoded[: len(values[index])]) for index in used]
        ),
        mask_ends=np.cumsum([len(values[index]) for index in used]),
        leaves=leaves,
        groups=np.array(len(ensemble.trees)),
        divisor=np.array(len(trees) if ensemble.averaged else 1.0),
        offset=np.zeros(max(len(ensemble.trees), len(leaves))),
        link=np.array(IDENTITY if ensemble.averaged else link_of(source.schema)),
    )
    if ensemble.averaged:
        return compiled
    one = tuple(each[:1] for each in values)
    return replace(compiled, offset=(source.scores(one) - compiled.scores(one))[0])


def _row_values(column: Feature, edges: Floats) -> NDArray[Any]:
    """A value for each row of an input's masks, in their order."""
    if column.range is None:
        return np.array([-1 if column.nullable else 0, *range(len(column.categories))])
    highest = column.range[1]
    return np.array([*edges, highest, np.nan if column.nullable else highest])


def _leaves(trees: Sequence[Tree]) -> Floats:
    """What each leaf adds to each output, see `TreeMasks`."""
    leaves = np.zeros((trees[0].values.shape[1], len(trees), MAX_LEAVES))
    for place, tree in enumerate(trees):
        in_order, _ = _walk(tree)
        leaves[:, place, : len(in_order)] = tree.values[in_order].T
    return leaves.reshape(len(leaves), -1)


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
    if node in tree.categories:
        codes, goes_left = tree.categories[node]
        right = np.isin(values, codes) != goes_left
    else:
        right = ~(values <= tree.threshold[node])
    return np.where(np.isnan(values), not tree.missing_left[node], right)
