"""What a row costs: the one thing of the gate that is measured with a clock."""

import time
from typing import Final

import pandas as pd
from sklearn.pipeline import Pipeline

from contract.features import FEATURES

ROWS: Final = 1_000
ROUNDS: Final = 5


def microseconds(model: Pipeline, rows: pd.DataFrame) -> float:
    """Microseconds a row of `predict_proba` on a batch of 1,000, the quickest of five.

    Of the processor, so that what else the machine does has no say. It is scikit-learn's own time:
    a worker needs no more, and far less where it can compile the model.
    """
    batch = rows[list(FEATURES)].sample(ROWS, replace=True, random_state=0)
    model.predict_proba(batch)
    return min(_seconds(model, batch) for _ in range(ROUNDS)) / ROWS * 1e6


def _seconds(model: Pipeline, batch: pd.DataFrame) -> float:
    begin = time.process_time()
    model.predict_proba(batch)
    return time.process_time() - begin
