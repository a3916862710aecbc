"""A window's sample -> a table with the columns of the reference set. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from contract import classes
from contract.features import OPTIONAL, TARGET, frame
from monitoring.drift.columns import CORRECT, LACKS, PREDICTION, PROBABILITY
from monitoring.windows.batch import UNKNOWN, Bits
from monitoring.windows.labelled_window import Labels
from monitoring.windows.window import Row

ID: Final = "id"
"""Column of the hashed id, which the reference set does not have."""


KIND: Final = object if classes.TEXTS else np.float64
"""Of the predictions while some are missing."""


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The features, prediction and probability of each row, and its id; NaN where not predicted."""
    columns = frame([row.customer for row in rows])
    nothing = float("nan")
    columns[PREDICTION] = np.array(
        [row.prediction.prediction if row.prediction else nothing for row in rows], KIND
    )
    columns[PROBABILITY] = np.array(
        [row.prediction.probability if row.prediction else nothing for row in rows], np.float64
    )
    columns[ID] = np.array([row.id for row in rows], np.uint64)
    return columns


def predicted(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a prediction, as its class."""
    known = rows.dropna(subset=[PREDICTION])
    return known if classes.TEXTS else known.astype({PREDICTION: "int64"})


def labelled(rows: pd.DataFrame, actual: Bits) -> pd.DataFrame:
    """The predicted rows whose outcome is known, with it; `actual` is its place, shape (n,)."""
    known = actual != UNKNOWN
    came = rows[known].assign(**{TARGET: classes.values(actual[known].astype(np.intp))})
    return with_correct(predicted(came))


def with_correct(rows: pd.DataFrame) -> pd.DataFrame:
    """Labelled rows, with whether each was predicted right."""
    return rows.assign(**{CORRECT: (rows[TARGET] == rows[PREDICTION]).astype("int64")})


def with_lacks(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, with whether each lacks what it may lack."""
    lacks = {
        lack: np.where(rows[name].isna(), "yes", "no").astype(object)
        for name, lack in zip(OPTIONAL, LACKS, strict=True)
    }
    return rows.assign(**lacks)


def scored_by(rows: Sequence[Row]) -> str | None:
    """The model version that most of the predictions are of; None if there is none."""
    versions = Counter(row.prediction.model_version for row in rows if row.prediction)
    return min(versions, key=lambda each: (-versions[each], each)) if versions else None


class Samples:
    """The samples of the latest windows, and the rows of each that were last reported."""

    def __init__(self, kept: int, min_rows: int) -> None:
        self._kept = kept
        self._min_rows = min_rows
        self._samples: dict[int, pd.DataFrame] = {}
        self._reported: dict[int, int] = {}

    def add(self, start: int, sample: pd.DataFrame, reported: int = 0) -> None:
        """A window has closed, or an earlier process had; outcomes of `reported` rows are out."""
        self._samples[start] = sample
        self._reported[start] = reported
        for old in sorted(self._samples)[: -self._kept]:
            del self._samples[old], self._reported[old]

    def due(self, labels: Labels) -> pd.DataFrame | None:
        """The labelled rows of a window, if they are twice as many as were reported, or all."""
        sample = self._samples.get(labels.start)
        if sample is None:
            return None
        actual = labels.of(sample[ID].to_numpy())
        known = int((actual != UNKNOWN).sum())
        before = self._reported[labels.start]
        if known < self._min_rows or known == before or known < min(2 * before, len(sample)):
            return None
        self._reported[labels.start] = known
        return labelled(sample, actual)
