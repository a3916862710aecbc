"""What the champion and the model in its shadow said of the same records of a window. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from contract.classes import CLASSES, CODES
from contract.events import Prediction, ShadowComparison
from monitoring.windows.batch import UNKNOWN, Batch, Bits, Hashes, Integers, Place

BITS: Final = (len(CLASSES) - 1).bit_length()
"""Of the byte, for the place of a class: one of two classes, four of sixteen."""

MOST: Final = 2 ** (8 - BITS) - 1
"""Versions that a window tells apart; the others share a code, which has no name."""


class Voices:
    """The versions that predicted in a window; each has a place in `names`."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: Final = list(names)
        self._codes = {name: code for code, name in enumerate(self.names) if name}

    def encode(self, events: Sequence[Prediction], chosen: Integers) -> Bits:
        """The bytes of `events[chosen]`, shape (n,)."""
        code = self._code
        return np.array(
            [
                CODES[event.prediction] | code(event.model_version) << BITS
                for event in map(events.__getitem__, chosen.tolist())
            ],
            np.uint8,
        )

    def translation(self, other: "Voices") -> Bits:
        """What each byte of the other's is here, shape (256,): its versions become known here."""
        codes = [self._code(name) for name in other.names] or [0]
        every = np.arange(256, dtype=np.intp)
        version = np.array(codes, np.intp)[np.minimum(every >> BITS, len(codes) - 1)]
        bits: Bits = (predicted(every.astype(np.uint8)) | version << BITS).astype(np.uint8)
        return bits

    def _code(self, version: str) -> int:
        found = self._codes.get(version)
        if found is None:
            found = min(len(self.names), MOST - 1)
            if found == len(self.names):
                self.names.append(version)
            else:
                self.names[found] = ""
            self._codes[version] = found
        return found


def predicted(said: Bits) -> Bits:
    """The places of the predicted classes."""
    return said & np.uint8(2**BITS - 1)


def voice(said: Bits) -> Bits:
    """The places of the versions in `Voices.names`."""
    return said >> np.uint8(BITS)


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
