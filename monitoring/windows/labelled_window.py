"""What was predicted in a closed window, and the outcomes that come for it. Pure."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contract.classes import CLASSES
from monitoring.windows.batch import UNKNOWN, Bits, Hashes, Outcomes, Place
from monitoring.windows.confusion_matrix import Performance
from monitoring.windows.paired_predictions import Paired


@dataclass(slots=True)
class Labels:
    """The predictions of `start <= event time < end`, in ms.

    Attributes:
        ids: hashes in ascending order, shape (n,).
        predicted: the place of a class for each.
        actual: likewise, or `UNKNOWN`.
        first: the smallest offset of each partition that an outcome here came from.
        changed: an outcome came since somebody looked.
        known: outcomes that came.
        paired: the same predictions beside those of the model in the champion's shadow.
    """

    start: int
    end: int
    ids: Hashes
    predicted: Bits
    actual: Bits = field(init=False)
    first: dict[Place, int] = field(default_factory=dict)
    changed: bool = False
    known: int = 0
    paired: Paired | None = None

    def __post_init__(self) -> None:
        self.actual = np.full(len(self.ids), UNKNOWN, np.uint8)

    def take(self, outcomes: Outcomes) -> tuple[NDArray[np.bool_], int]:
        """Takes the outcomes that are for this window.

        Returns which are, shape (n,), and how many of those were news; the rest are duplicates.
        """
        if not len(self.ids):
            return np.zeros(len(outcomes), np.bool_), 0
        places = np.minimum(np.searchsorted(self.ids, outcomes.ids), len(self.ids) - 1)
        ours = self.ids[places] == outcomes.ids
        targets, first = np.unique(places[ours], return_index=True)
        news = self.actual[targets] == UNKNOWN
        if news.any():
            mine = outcomes.where(ours)
            self.actual[targets[news]] = mine.actual[first[news]]
            offset = int(mine.offsets[first[news]].min())
            self.first[mine.place] = min(offset, self.first.get(mine.place, offset))
            self.changed = True
            self.known += int(news.sum())
        return ours, int(news.sum())

    def of(self, ids: Hashes) -> Bits:
        """What came of these hashes: the places of classes or `UNKNOWN`, shape (n,)."""
        if not len(self.ids):
            return np.full(len(ids), UNKNOWN, np.uint8)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[places] == ids, self.actual[places], UNKNOWN).astype(np.uint8)

    def performance(self) -> Performance:
        """How right the predictions were, as far as is known."""
        known = self.actual != UNKNOWN
        classes = len(CLASSES)
        cells = self.actual[known].astype(np.intp) * classes + self.predicted[known]
        count = np.bincount(cells, minlength=classes * classes)
        return Performance(tuple(map(tuple, count.reshape(classes, classes).tolist())))
