"""What was predicted in a closed window, and the outcomes that come for it. Pure."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.reports.performance import Performance
from monitoring.windows.batch import Bits, Hashes, Outcomes, Place
from monitoring.windows.paired import Paired

UNKNOWN: Final = 2
"""In place of an outcome that has not come."""


@dataclass(slots=True)
class Labels:
    """The predictions of `start <= event time < end`, in ms.

    Attributes:
        ids: hashes in ascending order, shape (n,).
        predicted: 0 or 1 for each.
        purchased: 0, 1 or `UNKNOWN`.
        first: the smallest offset of each partition that an outcome here came from.
        changed: an outcome came since somebody looked.
        known: outcomes that came.
        paired: the same predictions beside those of the model in the champion's shadow.
    """

    start: int
    end: int
    ids: Hashes
    predicted: Bits
    purchased: Bits = field(init=False)
    first: dict[Place, int] = field(default_factory=dict)
    changed: bool = False
    known: int = 0
    paired: Paired | None = None

    def __post_init__(self) -> None:
        self.purchased = np.full(len(self.ids), UNKNOWN, np.uint8)

    def take(self, outcomes: Outcomes) -> tuple[NDArray[np.bool_], int]:
        """Takes the outcomes that are for this window.

        Returns which are, shape (n,), and how many of those were news; the rest are duplicates.
        """
        if not len(self.ids):
            return np.zeros(len(outcomes), np.bool_), 0
        places = np.minimum(np.searchsorted(self.ids, outcomes.ids), len(self.ids) - 1)
        ours = self.ids[places] == outcomes.ids
        targets, first = np.unique(places[ours], return_index=True)
        news = self.purchased[targets] == UNKNOWN
        if news.any():
            mine = outcomes.where(ours)
            self.purchased[targets[news]] = mine.purchased[first[news]]
            offset = int(mine.offsets[first[news]].min())
            self.first[mine.place] = min(offset, self.first.get(mine.place, offset))
            self.changed = True
            self.known += int(news.sum())
        return ours, int(news.sum())

    def of(self, ids: Hashes) -> Bits:
        """What the customers with these hashes did: 0, 1 or `UNKNOWN`, shape (n,)."""
        if not len(self.ids):
            return np.full(len(ids), UNKNOWN, np.uint8)
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[places] == ids, self.purchased[places], UNKNOWN).astype(np.uint8)

    def performance(self) -> Performance:
        """How right the predictions were, as far as is known."""
        count = np.bincount(self.predicted * 3 + self.purchased, minlength=6)
        return Performance(
            true_positives=int(count[4]),
            false_positives=int(count[3]),
            false_negatives=int(count[1]),
            true_negatives=int(count[0]),
        )
