"""The samples of closed windows, and when so many of their outcomes are known that it tells."""

import pandas as pd

from monitoring.reports.table import ID, labelled
from monitoring.windows.batch import UNKNOWN
from monitoring.windows.labels import Labels


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
