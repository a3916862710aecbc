"""Checks that a compiled model agrees with the original. Pure."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import Predictor
from contract.schema import Schema
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.features import FeatureArrays
from contract.schema.inputs import Feature
from contract.schema.task import DecisionRule, Floats

TOLERANCE: Final = 1e-6
"""Maximum difference between two probabilities that count as equal; of numbers, their share."""

ROWS: Final = 20_000
"""Records on which models of any schema are compared, or more if an input has more values."""

BATCH_ROWS: Final = 5_000
"""Records that the original scores at once: its encoder may make many columns of them."""

AGES: Final = np.concatenate([np.arange(0, 101, 1.0), [18.25, 33.4, 47.75, 120, 150]])
SALARIES: Final = np.concatenate([np.arange(0, 200_001, 1_250.0), np.geomspace(2.1e5, 1e9, 24)])


def grid(ages: Floats = AGES, salaries: Floats = SALARIES) -> CarArrays:
    """All combinations of gender, age (years) and salary, of the cars' schema."""
    gender, age, salary = np.meshgrid(np.arange(len(GENDERS)), ages, salaries, indexing="ij")
    return CarArrays(gender.ravel(), age.ravel(), salary.ravel())


def mixed_records(schema: Schema, edges: Sequence[Floats]) -> FeatureArrays:
    """Records with each category, each edge and the number beyond it, mixed at random.

    Args:
        schema: Of the records.
        edges: Numbers at which a model branches, for each input.
    """
    random = np.random.default_rng(0)
    values = [_values(*each, random) for each in zip(schema.inputs, edges, strict=True)]
    rows = max(ROWS, *map(len, values))
    return tuple(random.permutation(np.resize(each, rows)) for each in values)


def _values(column: Feature, edges: Floats, random: np.random.Generator) -> NDArray[Any]:
    missing = [-1 if column.range is None else np.nan] if column.nullable else []
    if column.range is None:
        return np.append(np.arange(len(column.categories)), missing).astype(np.intp)
    spread = random.uniform(*column.range, max(len(edges), ROWS // 10))
    beyond = np.nextafter(edges, np.inf)
    return np.concatenate([column.range, edges, beyond, spread, missing])


def find_disagreement(
    compiled: Predictor,
    original: Predictor,
    features: FeatureArrays,
    schema: Schema,
    threshold: float,
) -> str | None:
    """Describes how a compiled model differs from the original; None if it does not.

    They agree if no output differs by more than `TOLERANCE` and all classes are equal.

    Args:
        compiled: The compiled model.
        original: The model as its library scores it.
        features: Records to compare them on.
        schema: Of the records.
        threshold: The version's decision threshold.
    """
    task = schema.task
    batches = [
        tuple(each[start : start + BATCH_ROWS] for each in features)
        for start in range(0, len(features[0]), BATCH_ROWS)
    ]
    expected = np.concatenate([original.outputs(batch) for batch in batches])
    actual = compiled.outputs(features)
    unit = max(1.0, float(np.abs(expected).max())) if task.numeric else 1.0
    largest = float(np.abs(actual - expected).max()) / unit
    if not largest <= TOLERANCE:  # true for NaN as well
        return f"{task.output} differs by {largest:.3g}"
    if task.numeric:
        return None
    rule = DecisionRule(threshold)
    differing = task.disagreements(actual, rule, expected, rule)
    return f"{differing} of {len(actual)} classes differ" if differing else None
