"""Latency is measured in processor time, on batches as large as a worker's."""

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.schema import CARS
from training.gate.latency import BATCH_ROWS, row_microseconds


class SlowModel:
    """A model that computes, or waits, for 20 ms a batch."""

    classes_ = np.array(CARS.classes.values)

    def __init__(self, busy: bool) -> None:
        self.batches: list[int] = []
        self._busy = busy

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        self.batches.append(len(rows))
        clock = time.process_time if self._busy else time.monotonic
        deadline = clock() + 0.02
        while clock() < deadline:
            if not self._busy:
                time.sleep(0.02)
        return np.full((len(rows), 2), 0.5)


def test_batches_of_a_thousand_rows_are_timed_whatever_rows_there_are(rows: pd.DataFrame) -> None:
    model = SlowModel(busy=True)
    latency = row_microseconds(model, rows.head(7), CARS)
    assert set(model.batches) == {BATCH_ROWS}
    assert latency >= 20  # 20 ms a batch


def test_waiting_is_not_counted(rows: pd.DataFrame) -> None:
    assert row_microseconds(SlowModel(busy=False), rows, CARS) < 10
