"""The ages and salaries at which some tree of a model turns the other way. Pure.

A tree's threshold is on what the model's encoder makes of a number. The edge is the largest raw
number that still passes it, found by bisection over all 64-bit numbers, so no rounding is missed.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema import CARS
from contract.schema.cars import CarArrays
from contract.schema.classes import Floats
from stream_app.model.compiled.trees import Thresholds, thresholds

HIGHEST: Final = (150.0, 1e9)
"""Largest age and salary of the contract; the least is 0."""

TYPICAL: Final = (1, 40.0, 70_000.0)
"""A gender, an age and a salary to hold fixed while another is moved."""

OTHERS: Final = (0, 61.0, 90_500.0)


def edges(model: Any) -> tuple[Floats, Floats] | None:
    """Sorted edges in age (years) and in salary; None if the model is not trees on single numbers.

    A column that falls as its number grows is not looked for: the agreement check finds that out.
    """
    if not hasattr(model, "steps"):
        return None
    found = thresholds(model[-1])
    if found is None:
        return None
    encoder = model[:-1]
    by_feature: list[list[Floats]] = [[], [], []]
    moved = _moved(encoder)
    for column, values in found.by_column.items():
        features = np.flatnonzero(moved[:, column])
        if len(features) > 1:
            return None
        if len(features) and features[0]:
            by_feature[features[0]].append(_raw(encoder, features[0], column, values, found))
    return _merged(by_feature[1]), _merged(by_feature[2])


def _moved(encoder: Any) -> NDArray[np.bool_]:
    """Which feature moves which encoded column, shape (features, columns)."""
    rows = [list(TYPICAL) for _ in range(4)]
    for feature in range(3):
        rows[feature + 1][feature] = OTHERS[feature]
    gender, age, salary = np.array(rows).T
    encoded = _encoded(encoder, CarArrays(gender.astype(np.intp), age, salary))
    moved: NDArray[np.bool_] = encoded[1:] != encoded[0]
    return moved


def _raw(encoder: Any, feature: int, column: int, values: Floats, found: Thresholds) -> Floats:
    """For each threshold the largest raw number of the contract whose encoding is not above it."""
    # Numbers from 0 up are ordered as their bits are.
    low = np.full(len(values), -1, dtype=np.int64)
    high = np.full(len(values), np.float64(HIGHEST[feature - 1]).view(np.int64))
    while (low < high).any():
        middle = low + (high - low + 1) // 2
        raw = [np.full(len(values), each) for each in TYPICAL]
        raw[feature] = np.maximum(middle, 0).view(np.float64)
        given = CarArrays(raw[0].astype(np.intp), raw[1], raw[2])
        encoded = _encoded(encoder, given)[:, column].astype(found.compared_as)
        passes = np.less_equal(encoded, values)
        low, high = np.where(passes, middle, low), np.where(passes, high, middle - 1)
    within = (low >= 0) & (low < np.float64(HIGHEST[feature - 1]).view(np.int64))
    return low[within].view(np.float64)


def _encoded(encoder: Any, given: CarArrays) -> Floats:
    encoded = encoder.transform(CARS.encoder.arrays_to_frame(given))
    dense = encoded.toarray() if hasattr(encoded, "toarray") else encoded
    return np.asarray(dense, dtype=np.float64)


def _merged(parts: list[Floats]) -> Floats:
    return np.unique(np.concatenate([*parts, np.empty(0)]))
