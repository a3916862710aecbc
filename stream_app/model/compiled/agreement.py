"""Whether a compiled model is the model: both are asked about the same grid of customers. Pure."""

from typing import Any, Final, Protocol

import numpy as np

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.classes import THRESHOLD, Floats

TOLERANCE: Final = 1e-6
"""Largest difference of two probabilities that count as the same."""

AGES: Final = np.concatenate([np.arange(0, 101, 1.0), [18.25, 33.4, 47.75, 120, 150]])
SALARIES: Final = np.concatenate([np.arange(0, 200_001, 1_250.0), np.geomspace(2.1e5, 1e9, 24)])


class _Probabilities(Protocol):
    def probabilities(self, given: CarArrays) -> Floats: ...


def grid(ages: Floats = AGES, salaries: Floats = SALARIES) -> CarArrays:
    """Every gender with every age with every salary."""
    gender, age, salary = np.meshgrid(np.arange(len(GENDERS)), ages, salaries, indexing="ij")
    return CarArrays(gender.ravel(), age.ravel(), salary.ravel())


def disagreement(form: _Probabilities, model: Any, given: CarArrays) -> str | None:
    """How a form differs from a classifier on some records, in words; None if it does not.

    They agree if no probability is further off than `TOLERANCE`, and every class is the same.
    """
    expected = np.asarray(model.predict_proba(CARS.encoder.arrays_to_frame(given)))[:, 1]
    found = form.probabilities(given)
    largest = float(np.abs(found - expected).max())
    if not largest <= TOLERANCE:  # true for NaN as well
        return f"a probability differs by {largest:.3g}"
    others = int(((found > THRESHOLD) != (expected > THRESHOLD)).sum())
    return f"{others} of {len(found)} classes differ" if others else None
