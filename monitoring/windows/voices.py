"""Who predicted what: a prediction and the version of the model that made it, in one byte. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from contract.classes import CLASSES, CODES
from contract.events import Prediction
from monitoring.windows.batch import Bits, Integers

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
