"""What a row costs is measured in time of the processor, on the batch that a worker would have."""

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.gate.speed import ROWS, microseconds


class Counted:
    """A model that works, or waits, for a millisecond a batch."""

    def __init__(self, works: bool) -> None:
        self.batches: list[int] = []
        self._works = works

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        self.batches.append(len(rows))
        clock = time.process_time if self._works else time.monotonic
        ends_at = clock() + 0.02
        while clock() < ends_at:
            if not self._works:
                time.sleep(0.02)
        return np.full((len(rows), 2), 0.5)


def test_batches_of_a_thousand_are_timed_whatever_rows_there_are(rows: pd.DataFrame) -> None:
    model = Counted(works=True)
    found = microseconds(model, rows.head(7))
    assert set(model.batches) == {ROWS}
    assert found >= 20  # 20 ms a batch


def test_waiting_for_the_processor_costs_nothing(rows: pd.DataFrame) -> None:
    assert microseconds(Counted(works=False), rows) < 10
