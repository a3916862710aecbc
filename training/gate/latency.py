"""Measures what a row costs: the one part of the gate that reads a clock."""

import time
from typing import Any, Final

import pandas as pd

from contract.model.predictor import predict
from contract.schema import Schema

BATCH_ROWS: Final = 1_000
ROUNDS: Final = 5


def row_microseconds(model: Any, rows: pd.DataFrame, schema: Schema) -> float:
    """Microseconds for the outputs of a row on batches of 1,000 rows, the fastest of five.

    Measured in processor time, so that other load on the machine does not count. It is
    scikit-learn's time: a worker takes the same, and far less where it can compile the model.
    """
    batch = rows[list(schema.features)].sample(BATCH_ROWS, replace=True, random_state=0)
    predict(model, batch, schema)  # warm-up
    return min(_processor_seconds(model, batch, schema) for _ in range(ROUNDS)) / BATCH_ROWS * 1e6


def _processor_seconds(model: Any, batch: pd.DataFrame, schema: Schema) -> float:
    start = time.process_time()
    predict(model, batch, schema)
    return time.process_time() - start
