"""What the champion and the model in its shadow said of the same records of a window. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from contract.events import Prediction, ShadowComparison
from monitoring.windows.batch import UNKNOWN, Batch, Bits, Hashes, Place
from monitoring.windows.voices import Voices, predicted, voice

NOTHING: Final = 255
"""In place of what the shadow has not said (yet)."""


@dataclass(slots=True)
class Paired:
    """The predictions of a closed window, each with the shadow's of the same record, if any.

    Attributes:
        ids: hashes in ascending order, shape (n,).
        champion: what the champion said of each, in the bytes of `voices`.
        shadow: the same of the shadow, or `NOTHING`.
        first: the smallest offset of each partition that came for it after it had closed.
    """

    voices: Voices
    ids: Hashes
    champion: Bits
    shadow: Bits
    first: dict[Place, int] = field(default_factory=dict)

    def take(self, batch: Batch[Prediction]) -> int:
        """Takes shadow predictions that come late; returns how many were news."""
        if not len(self.ids):
            return 0
        places = np.minimum(np.searchsorted(self.ids, batch.ids), len(self.ids) - 1)
        ours = self.ids[places] == batch.ids
        targets, index = np.unique(places[ours], return_index=True)
        news = self.shadow[targets] == NOTHING
        if not news.any():
            return 0
        chosen = np.flatnonzero(ours)[index[news]]
        self.shadow[targets[news]] = self.voices.encode(batch.events, chosen)
        offset = int(batch.offsets[chosen].min())
        self.first[batch.place] = min(offset, self.first.get(batch.place, offset))
        return int(news.sum())

    @property
    def rows(self) -> int:
        """Records that the shadow predicted too."""
        return int(np.count_nonzero(self.shadow != NOTHING))

    def comparisons(
        self, model: str, bounds: tuple[int, int], actual: Bits
    ) -> Iterator[ShadowComparison]:
        """Each pair of versions that predicted the same records, by what customers did, (n,).

        `bounds` are the window's start and end, ms.
        """
        both = self.shadow != NOTHING
        champion, shadow, actual = self.champion[both], self.shadow[both], actual[both]
        pairs = voice(champion).astype(np.uint16) << 8 | voice(shadow)
        for pair in np.unique(pairs).tolist():
            names = self.voices.names[pair >> 8], self.voices.names[pair & 255]
            if not all(names) or names[0] == names[1]:
                continue
            mine = pairs == pair
            said, other = predicted(champion[mine]), predicted(shadow[mine])
            known = actual[mine] != UNKNOWN
            cells = np.bincount(
                2 * (said[known] == actual[mine][known]) + (other[known] == actual[mine][known]),
                minlength=4,
            ).tolist()
            yield ShadowComparison(
                window_start=bounds[0],
                window_end=bounds[1],
                model=model,
                champion_version=names[0],
                shadow_version=names[1],
                rows=int(mine.sum()),
                disagreements=int(np.count_nonzero(said != other)),
                both_correct=cells[3],
                champion_only_correct=cells[2],
                shadow_only_correct=cells[1],
                neither_correct=cells[0],
            )


def paired(voices: Voices, ids: Hashes, champion: Bits, shadow_ids: Hashes, shadow: Bits) -> Paired:
    """Joins on the ids, distinct and ascending both."""
    said = np.full(len(ids), NOTHING, np.uint8)
    _, here, there = np.intersect1d(ids, shadow_ids, assume_unique=True, return_indices=True)
    said[here] = shadow[there]
    return Paired(voices, ids, champion, said)
