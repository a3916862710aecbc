"""Checks that a loaded model gives valid outputs, and how long it takes. Reads a clock."""

import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import LibraryPredictor
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats

PROBE_ROWS: Final = 1_000
"""Rows of a batch that is scored at loading."""

ROUNDS: Final = 5

MISSING_RATIO: Final = 0.1
"""Share of the probe in which a nullable column has no value."""

SUM_TOLERANCE: Final = 1e-3
"""Maximum distance of a sum of probabilities from 1. Single precision rounds each to 6e-8."""


def verify(
    name: str, predictor: LibraryPredictor, schema: Schema, max_row_microseconds: float
) -> float:
    """Scores rows from the whole range of the schema, and measures it.

    Args:
        name: What the model is, for errors: `version 3`.
        predictor: The loaded model.
        schema: Of the records.
        max_row_microseconds: Maximum processor time of a row.

    Returns:
        Processor time of a row in a batch of 1,000, in microseconds: the fastest of five.

    Raises:
        ModelRejected: It fails, takes too long, or returns invalid values.
    """
    rows = probe(schema)
    # Growing batches: a slow model is rejected after the first.
    for size in (1, 1, 30, PROBE_ROWS):
        batch = tuple(values[:size] for values in rows)
        _check_time(name, _score(name, predictor, batch, schema), max_row_microseconds, size)
    seconds = min(_score(name, predictor, rows, schema) for _ in range(ROUNDS))
    fastest = seconds / PROBE_ROWS * 1e6
    if fastest > max_row_microseconds:
        raise _too_slow(name, fastest, max_row_microseconds)
    return fastest


def probe(schema: Schema) -> FeatureArrays:
    """Rows with values from the whole range of each column, and missing ones; always the same."""
    random = np.random.default_rng(0)
    arrays: list[NDArray[Any]] = []
    for column in schema.inputs:
        if column.range is not None:
            values: NDArray[Any] = random.uniform(*column.range, PROBE_ROWS)
            values[:2] = column.range
            values = np.round(values) if column.integer else values
        else:
            values = random.integers(0, len(column.categories), PROBE_ROWS)
        if column.nullable:
            missing = random.random(PROBE_ROWS) < MISSING_RATIO
            values[missing] = -1 if column.range is None else np.nan
        arrays.append(values)
    return tuple(arrays)


def _score(name: str, predictor: LibraryPredictor, batch: FeatureArrays, schema: Schema) -> float:
    """Scores and checks a batch; returns the processor time in seconds."""
    rows, task = len(batch[0]), schema.task
    expected = (rows,) if task.numeric else (rows, len(schema.classes))
    started = time.process_time()
    try:
        outputs = predictor.all_outputs(batch)
    except Exception as failure:  # a foreign model may raise anything
        raise _invalid(name, f"cannot score: {type(failure).__name__}: {failure}") from failure
    seconds = time.process_time() - started
    if outputs.shape != expected:
        raise _invalid(name, f"returns an array of shape {outputs.shape}, not {expected}")
    if not np.isfinite(outputs).all():
        raise _invalid(name, "returns values that are not numbers")
    if not task.numeric:
        _check_probabilities(name, outputs)
    return seconds


def _check_probabilities(name: str, outputs: Floats) -> None:
    if outputs.min() < 0 or outputs.max() > 1:
        raise _invalid(
            name, f"returns values from {outputs.min():.3g} to {outputs.max():.3g}, not 0 to 1"
        )
    sums = outputs.sum(axis=1)
    if np.abs(sums - 1).max() > SUM_TOLERANCE:
        raise _invalid(
            name, f"returns probabilities that sum to {sums.min():.3g} to {sums.max():.3g}"
        )


def _check_time(name: str, seconds: float, limit: float, rows: int) -> None:
    """Rejects a model that cannot become fast enough: calls have costs of their own."""
    microseconds = seconds / rows * 1e6
    if seconds > 1 and microseconds > limit:
        raise _too_slow(name, microseconds, limit)


def _too_slow(name: str, microseconds: float, limit: float) -> ModelRejected:
    return ModelRejected(
        ModelRejectionReason.SLOW,
        f"{name} takes {microseconds:.3g} us for a row, above "
        f"INTENT_MODEL_MAX_ROW_MICROSECONDS={limit:g}: make it smaller, or raise the limit",
    )


def _invalid(name: str, message: str) -> ModelRejected:
    return ModelRejected(ModelRejectionReason.INVALID, f"{name} {' '.join(message.split())}")
