"""A window's sample as a table with the reference set's columns, and samples awaiting outcomes.

Pure.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from contract.schema import Schema
from monitoring.drift.columns import (
    CORRECT,
    COVERAGE,
    INTERVAL_HIGH,
    INTERVAL_LOW,
    PREDICTION,
    PROBABILITY,
    missing_indicators,
)
from monitoring.windows.batch import Labels, is_known
from monitoring.windows.labelled_window import LabelledWindow
from monitoring.windows.regression_scores import is_inside, numbers_and_intervals
from monitoring.windows.window import SampleRow

ID_COLUMN: Final = "id"
"""Column of the hashed id, which the reference set does not have."""


def sample_table(rows: Sequence[SampleRow], schema: Schema) -> pd.DataFrame:
    """Features, prediction and hashed id of each row; NaN without a prediction.

    A class has its probability, a number the ends of its interval, NaN if it has none.
    """
    table = schema.encoder.to_frame([row.customer for row in rows])
    missing = float("nan")
    if schema.task.numeric:
        numbers = numbers_and_intervals(row.prediction for row in rows)
        table[[PREDICTION, INTERVAL_LOW, INTERVAL_HIGH]] = numbers
    else:
        table[PREDICTION] = np.array(
            [row.prediction.prediction if row.prediction else missing for row in rows],
            object if schema.task.textual else np.float64,
        )
        table[PROBABILITY] = np.array(
            [row.prediction.probability if row.prediction else missing for row in rows], np.float64
        )
    table[ID_COLUMN] = np.array([row.id for row in rows], np.uint64)
    return table


def predicted_rows(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Selects the rows with a prediction, and gives that the type of the target."""
    predicted, task = rows.dropna(subset=[PREDICTION]), schema.task
    return predicted if task.textual or task.numeric else predicted.astype({PREDICTION: "int64"})


def labelled_rows(rows: pd.DataFrame, actual: Labels, schema: Schema) -> pd.DataFrame:
    """Selects the predicted rows with an outcome, and adds target and performance.

    Args:
        rows: A window's sample.
        actual: Their outcomes as in `LabelledWindow.actual`, shape (n,).
        schema: The schema of the records.
    """
    labelled = is_known(actual)
    target = actual[labelled]
    if not schema.task.numeric:
        target = schema.classes.decode(target.astype(np.intp))
    rows = rows[labelled].assign(**{schema.target.name: target})
    return with_performance(predicted_rows(rows, schema), schema)


def with_performance(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Adds whether each row was predicted correctly, 0 or 1.

    Of a number, whether the outcome is inside the interval; NaN without one.
    """
    if schema.task.numeric:
        actual, low, high = (
            rows[name].to_numpy(np.float64)
            for name in (schema.target.name, INTERVAL_LOW, INTERVAL_HIGH)
        )
        inside = np.where(np.isfinite(low), is_inside(actual, low, high), np.nan)
        return rows.assign(**{COVERAGE: inside})
    correct = rows[schema.target.name] == rows[PREDICTION]
    return rows.assign(**{CORRECT: correct.astype("int64")})


def with_missing_indicators(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Adds, for each optional feature, whether it is missing."""
    indicators = {
        indicator: np.where(rows[name].isna(), "yes", "no").astype(object)
        for name, indicator in zip(schema.nullable, missing_indicators(schema), strict=True)
    }
    return rows.assign(**indicators)


def most_frequent_version(rows: Sequence[SampleRow]) -> str | None:
    """The model version of most predictions; None without any."""
    versions = Counter(row.prediction.model_version for row in rows if row.prediction)
    return min(versions, key=lambda each: (-versions[each], each)) if versions else None


class PendingSamples:
    """Samples of the latest windows, until enough of their outcomes are known for a report."""

    def __init__(self, max_windows: int, min_rows: int, schema: Schema) -> None:
        """Keeps `max_windows` samples; a report needs `min_rows` outcomes."""
        self._max_windows = max_windows
        self._min_rows = min_rows
        self._schema = schema
        self._samples: dict[int, pd.DataFrame] = {}
        self._reported_rows: dict[int, int] = {}

    def add_sample(self, start: int, sample: pd.DataFrame, reported_rows: int = 0) -> None:
        """Adds the sample of a window that has closed, now or in an earlier process.

        Args:
            start: Start of the window, ms.
            sample: Its sample.
            reported_rows: Rows of its latest outcome report.
        """
        self._samples[start] = sample
        self._reported_rows[start] = reported_rows
        for old in sorted(self._samples)[: -self._max_windows]:
            del self._samples[old], self._reported_rows[old]

    def pop_due_rows(self, window: LabelledWindow) -> pd.DataFrame | None:
        """The labelled rows of a window if they have doubled since its last report, or are all.

        Returns:
            None if no report is due.
        """
        sample = self._samples.get(window.start)
        if sample is None:
            return None
        actual = window.outcomes_of(sample[ID_COLUMN].to_numpy())
        labelled = int(is_known(actual).sum())
        reported = self._reported_rows[window.start]
        if (
            labelled < self._min_rows
            or labelled == reported
            or labelled < min(2 * reported, len(sample))
        ):
            return None
        self._reported_rows[window.start] = labelled
        return labelled_rows(sample, actual, self._schema)
