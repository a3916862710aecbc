"""Finds the numbers at which a tree of a model branches differently. Pure.

A tree's threshold applies to the encoded value of a number. The edge is the largest raw number that
is still on the left side. Bisection over all 64-bit numbers finds it without rounding errors.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.inputs import Feature
from contract.schema.task import Floats
from stream_app.models.compiled.tree_model import TreeModel

STEPS: Final = 33
"""Numbers across the range of an input, to find the encoded columns that depend on it."""

_UNSIGNED: Final = np.int64(2**63 - 1)


def input_of_columns(model: TreeModel) -> NDArray[np.int64] | None:
    """The input that each encoded column depends on, -1 for none; None if one has several."""
    owner: NDArray[np.int64] | None = None
    for index, column in enumerate(model.schema.inputs):
        encoded = model.encode(vary(model.schema, index, _all_values(column)))
        owner = np.full(encoded.shape[1], -1) if owner is None else owner
        varies = ~((encoded == encoded[0]) | (np.isnan(encoded) & np.isnan(encoded[0]))).all(axis=0)
        if (owner[varies] >= 0).any():
            return None
        owner[varies] = index
    return owner


def vary(schema: Schema, index: int, values: NDArray[Any]) -> FeatureArrays:
    """Records that differ in one input alone."""
    return tuple(
        values if place == index else np.full(len(values), _all_values(column)[0])
        for place, column in enumerate(schema.inputs)
    )


def _all_values(column: Feature) -> NDArray[Any]:
    if column.range is None:
        codes = np.arange(len(column.categories))
        return np.append(codes, -1) if column.nullable else codes
    numbers = np.linspace(*column.range, STEPS)
    return np.append(numbers, np.nan) if column.nullable else numbers


def find_edges(model: TreeModel, owner: NDArray[np.int64]) -> list[Floats]:
    """The sorted edges of each input; categories have none.

    A column that decreases as its input increases is not detected here but by the agreement check.

    Args:
        model: The trees.
        owner: The input of each encoded column.
    """
    inputs = model.schema.inputs
    columns: list[list[NDArray[np.int64]]] = [[] for _ in inputs]
    thresholds: list[list[Floats]] = [[] for _ in inputs]
    for column, values in model.ensemble.thresholds().items():
        index = owner[column]
        if index >= 0 and inputs[index].numerical:
            columns[index].append(np.full(len(values), column))
            thresholds[index].append(values)
    searches = [
        _Search(one, _join(column, np.int64), _join(values, np.float64))
        for one, column, values in zip(inputs, columns, thresholds, strict=True)
    ]
    rows = max(len(search.values) for search in searches)
    while any((search.low < search.high).any() for search in searches):
        raw = tuple(np.resize(search.raw(), rows) for search in searches)
        encoded = model.encode(raw).astype(model.ensemble.compared_as)
        for search in searches:
            search.narrow(encoded)
    return [search.edges() for search in searches]


class _Search:
    """Bisects the numbers of one input, for n thresholds of encoded columns."""

    def __init__(self, one: Feature, columns: NDArray[np.int64], values: Floats) -> None:
        self.columns, self.values = columns, values
        self._other = _all_values(one)[:1]
        self._lowest, self._highest = _ordered(np.array(one.range or (0, 0), dtype=np.float64))
        self.low = np.full(len(values), self._lowest - 1)
        self.high = np.full(len(values), self._highest)

    def _middle(self) -> NDArray[np.int64]:
        # the mean, rounded up, whose sum cannot overflow
        middle: NDArray[np.int64] = (self.low | self.high) - ((self.low ^ self.high) >> 1)
        return middle

    def raw(self) -> NDArray[Any]:
        """The next numbers to encode, shape (n,), or any value if there is no threshold."""
        if not len(self.values):
            return self._other
        return _number(np.maximum(self._middle(), self._lowest))

    def narrow(self, encoded: NDArray[Any]) -> None:
        """Halves each interval, given the encoded columns of those numbers."""
        middle = self._middle()
        left = encoded[np.arange(len(middle)), self.columns] <= self.values
        self.low = np.where(left, middle, self.low)
        self.high = np.where(left, self.high, middle - 1)

    def edges(self) -> Floats:
        """The largest number of each interval; none at the end of the range, sorted."""
        inside = (self.low >= self._lowest) & (self.low < self._highest)
        return np.unique(_number(self.low[inside]))


def _join(parts: Sequence[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    return np.concatenate([*parts, np.empty(0, dtype=kind)])


def _ordered(numbers: Floats) -> NDArray[np.int64]:
    """Integers in the order of the numbers: neighbours of 64 bits differ by one."""
    bits = numbers.view(np.int64)
    return np.where(bits < 0, bits ^ _UNSIGNED, bits)


def _number(ordered: NDArray[np.int64]) -> Floats:
    return np.where(ordered < 0, ordered ^ _UNSIGNED, ordered).view(np.float64)
