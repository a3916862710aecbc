"""The predictions of a closed window, and the outcomes that arrive for them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from monitoring.windows.batch import (
    Hashes,
    Labels,
    OutcomeBatch,
    TopicPartition,
    is_known,
    no_outcomes,
)
from monitoring.windows.confusion_matrix import ConfusionMatrix
from monitoring.windows.paired_predictions import PairedPredictions
from monitoring.windows.regression_scores import RegressionScores


@dataclass(slots=True)
class LabelledWindow:
    """The predictions with `start <= event time < end` (ms), and their labels.

    Attributes:
        ids: Hashed ids, ascending, shape (n,).
        predicted: Class codes of the predictions, shape (n,). Of a numeric target, what
            `RegressionScores.measure` needs of the first m ids, the window's sample: shape (m, 3).
        paired: The same predictions with the shadow's; None of a numeric target, and in archives of
            earlier versions.
        actual: The outcomes, shape (n,): class codes or `NO_OUTCOME`; numbers or NaN.
        first_offsets: By partition, the smallest offset of an outcome that is counted here.
        changed: Whether outcomes arrived since `PendingLabels.pop_changed_windows`.
        labelled_rows: Predictions with an outcome.
    """

    start: int
    end: int
    ids: Hashes
    predicted: Labels
    paired: PairedPredictions | None = None
    actual: Labels = field(init=False)
    first_offsets: dict[TopicPartition, int] = field(default_factory=dict)
    changed: bool = False
    labelled_rows: int = 0

    def __post_init__(self) -> None:
        self.actual = no_outcomes(len(self.ids), self.numeric)

    @property
    def numeric(self) -> bool:
        """Whether outcomes are numbers."""
        return self.predicted.dtype == np.float64

    def add_outcomes(self, outcomes: OutcomeBatch) -> tuple[NDArray[np.bool_], int]:
        """Adds the outcomes that belong to this window; the first outcome of an id stands.

        Returns:
            Which outcomes belong here, shape (n,), and how many of those were new. The others are
            duplicates.
        """
        if not len(self.ids):
            return np.zeros(len(outcomes), np.bool_), 0
        positions = np.minimum(np.searchsorted(self.ids, outcomes.ids), len(self.ids) - 1)
        matched = self.ids[positions] == outcomes.ids
        targets, first = np.unique(positions[matched], return_index=True)
        new = ~is_known(self.actual[targets])
        if new.any():
            batch = outcomes.select(matched)
            self.actual[targets[new]] = batch.actual[first[new]]
            offset = int(batch.offsets[first[new]].min())
            self.first_offsets[batch.partition] = min(
                offset, self.first_offsets.get(batch.partition, offset)
            )
            self.changed = True
            self.labelled_rows += int(new.sum())
        return matched, int(new.sum())

    def take_over(self, earlier: "LabelledWindow") -> None:
        """Takes the outcomes and late shadow predictions of this window without late records."""
        self.actual = earlier.outcomes_of(self.ids)
        self.labelled_rows = int(np.count_nonzero(is_known(self.actual)))
        self.first_offsets = dict(earlier.first_offsets)
        self.changed = True
        if self.paired is not None and earlier.paired is not None:
            self.paired.take_over(earlier.paired)

    def outcomes_of(self, ids: Hashes) -> Labels:
        """The outcomes of these ids, as in `actual`, shape (n,)."""
        found = no_outcomes(len(ids), self.numeric)
        if not len(self.ids):
            return found
        positions = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        matched = self.ids[positions] == ids
        found[matched] = self.actual[positions[matched]]
        return found

    def confusion_matrix(self, classes: int) -> ConfusionMatrix:
        """Counts the labelled predictions by outcome and prediction; `classes` is their number."""
        labelled = is_known(self.actual)
        cells = self.actual[labelled].astype(np.intp) * classes + self.predicted[labelled]
        counts = np.bincount(cells, minlength=classes * classes)
        return ConfusionMatrix(tuple(map(tuple, counts.reshape(classes, classes).tolist())))

    def regression_scores(self) -> RegressionScores:
        """Scores of a numeric target, of the labelled predictions in the window's sample."""
        actual = self.actual[: len(self.predicted)]
        known = is_known(actual)
        return RegressionScores.measure(actual[known], self.predicted[known])


def with_window(
    windows: Sequence[LabelledWindow], window: LabelledWindow, max_windows: int
) -> list[LabelledWindow]:
    """The latest windows, the oldest first, with one more or in place of the one it updates."""
    others = [each for each in windows if each.start != window.start]
    return sorted([*others, window], key=lambda each: each.start)[-max_windows:]
