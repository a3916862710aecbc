"""Finds the ages and salaries at which a tree of a model branches differently. Pure.

A tree's threshold applies to the encoded value of a number. The edge is the largest raw number that
is still on the left side. Bisection over all 64-bit numbers finds it without rounding errors.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema import CARS
from contract.schema.cars import CarArrays
from contract.schema.task import Floats
from stream_app.models.compiled.trees import SplitThresholds, tree_thresholds

UPPER_BOUNDS: Final = (150.0, 1e9)
"""Maximum age and salary in the schema; the minimum is 0."""

BASE_VALUES: Final = (1, 40.0, 70_000.0)
"""A gender, an age and a salary that stay fixed while another feature varies."""

OTHER_VALUES: Final = (0, 61.0, 90_500.0)
"""Different values of the same features."""


def find_edges(model: Any) -> tuple[Floats, Floats] | None:
    """Sorted edges in age (years) and in salary; None for models that are not supported.

    Supported are trees whose encoded columns each depend on a single feature. A column that
    decreases as its feature increases is not detected here but by the agreement check.
    """
    if not hasattr(model, "steps"):
        return None
    thresholds = tree_thresholds(model[-1])
    if thresholds is None:
        return None
    encoder = model[:-1]
    edges_by_feature: list[list[Floats]] = [[], [], []]
    dependencies = _dependencies(encoder)
    for column, values in thresholds.by_column.items():
        features = np.flatnonzero(dependencies[:, column])
        if len(features) > 1:
            return None
        if len(features) and features[0]:
            edges_by_feature[features[0]].append(
                _bisect(encoder, features[0], column, values, thresholds)
            )
    return _merge(edges_by_feature[1]), _merge(edges_by_feature[2])


def _dependencies(encoder: Any) -> NDArray[np.bool_]:
    """Whether an encoded column depends on a feature, shape (features, columns)."""
    rows = [list(BASE_VALUES) for _ in range(4)]
    for feature in range(3):
        rows[feature + 1][feature] = OTHER_VALUES[feature]
    gender, age, salary = np.array(rows).T
    encoded = _encode(encoder, CarArrays(gender.astype(np.intp), age, salary))
    dependencies: NDArray[np.bool_] = encoded[1:] != encoded[0]
    return dependencies


def _bisect(
    encoder: Any, feature: int, column: int, values: Floats, thresholds: SplitThresholds
) -> Floats:
    """For each threshold the largest raw number of the schema that is encoded at or below it."""
    # Numbers from 0 up are ordered like their bits.
    upper_bound = np.float64(UPPER_BOUNDS[feature - 1]).view(np.int64)
    low = np.full(len(values), -1, dtype=np.int64)
    high = np.full(len(values), upper_bound)
    while (low < high).any():
        middle = low + (high - low + 1) // 2
        raw = [np.full(len(values), base) for base in BASE_VALUES]
        raw[feature] = np.maximum(middle, 0).view(np.float64)
        columns = CarArrays(raw[0].astype(np.intp), raw[1], raw[2])
        encoded = _encode(encoder, columns)[:, column].astype(thresholds.compared_as)
        goes_left = np.less_equal(encoded, values)
        low, high = np.where(goes_left, middle, low), np.where(goes_left, high, middle - 1)
    in_range = (low >= 0) & (low < upper_bound)
    return low[in_range].view(np.float64)


def _encode(encoder: Any, columns: CarArrays) -> Floats:
    encoded = encoder.transform(CARS.encoder.arrays_to_frame(columns))
    dense = encoded.toarray() if hasattr(encoded, "toarray") else encoded
    return np.asarray(dense, dtype=np.float64)


def _merge(edges: list[Floats]) -> Floats:
    return np.unique(np.concatenate([*edges, np.empty(0)]))
