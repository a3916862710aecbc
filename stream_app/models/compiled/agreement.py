"""Checks that a compiled model agrees with the original on a grid of customers. Pure."""

from typing import Any, Final, Protocol

import numpy as np

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.task import Floats

TOLERANCE: Final = 1e-6
"""Maximum difference between two probabilities that count as equal."""

AGES: Final = np.concatenate([np.arange(0, 101, 1.0), [18.25, 33.4, 47.75, 120, 150]])
SALARIES: Final = np.concatenate([np.arange(0, 200_001, 1_250.0), np.geomspace(2.1e5, 1e9, 24)])


class _Probabilities(Protocol):
    def outputs(self, features: CarArrays) -> Floats: ...


def grid(ages: Floats = AGES, salaries: Floats = SALARIES) -> CarArrays:
    """All combinations of gender, age (years) and salary."""
    gender, age, salary = np.meshgrid(np.arange(len(GENDERS)), ages, salaries, indexing="ij")
    return CarArrays(gender.ravel(), age.ravel(), salary.ravel())


def find_disagreement(
    compiled: _Probabilities, model: Any, features: CarArrays, threshold: float
) -> str | None:
    """Describes how a compiled model differs from the classifier; None if it does not.

    They agree if no probability differs by more than `TOLERANCE` and all classes are equal.

    Args:
        compiled: The compiled model.
        model: The fitted classifier.
        features: Customers to compare them on.
        threshold: The version's decision threshold.
    """
    expected = np.asarray(model.predict_proba(CARS.encoder.arrays_to_frame(features)))[:, 1]
    actual = compiled.outputs(features)
    largest = float(np.abs(actual - expected).max())
    if not largest <= TOLERANCE:  # true for NaN as well
        return f"a probability differs by {largest:.3g}"
    differing = int(((actual > threshold) != (expected > threshold)).sum())
    return f"{differing} of {len(actual)} classes differ" if differing else None
