"""Whether a new champion does worse than the old one, on the same records. Pure.

A bet that it does, at fair odds if it does not: whoever bets repeatedly on a false claim multiplies
the stake by 1/p with a chance of p at most (Ville 1939). So it may be looked at after every record
(Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, JRSS B 2024).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

STAKES: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.7])
"""Shares of the wealth that are staked, each of a sixth of it: small ones find small losses."""


@dataclass(frozen=True)
class Pair:
    """Labelled records that two models both predicted.

    Attributes:
        both_right: records on which both were right.
        new_right: on which only the new champion was.
        old_right: on which only the old one was.
        both_wrong: on which none was.
    """

    both_right: int = 0
    new_right: int = 0
    old_right: int = 0
    both_wrong: int = 0

    @property
    def labelled(self) -> int:
        """All of them."""
        return self.both_right + self.new_right + self.old_right + self.both_wrong

    @property
    def difference(self) -> float:
        """Accuracy of the new champion less that of the old one, -1 to 1; 0 of no records."""
        return (self.new_right - self.old_right) / self.labelled if self.labelled else 0.0

    def accuracy(self) -> tuple[float, float]:
        """Of the new champion and the old one, 0 to 1; there are records."""
        right = self.both_right + self.new_right, self.both_right + self.old_right
        return right[0] / self.labelled, right[1] / self.labelled


def log_evidence(pair: Pair, bound: float) -> float:
    """ln of the factor by which the bet has grown that the new one is worse by more than `bound`.

    If it is not, it ever exceeds ln(1/p) with a chance of p at most, however often one looks.
    `bound` is in accuracy, 0 to 1.
    """
    ties = pair.both_right + pair.both_wrong
    with np.errstate(under="ignore"):
        grown = (
            pair.old_right * np.log1p(STAKES * (1 - bound))
            + pair.new_right * np.log1p(-STAKES * (1 + bound))
            + ties * np.log1p(-STAKES * bound)
        )
        return float(np.logaddexp.reduce(grown) - np.log(len(STAKES)))


def is_worse(pair: Pair, bound: float, chance: float) -> bool:
    """Whether the new champion is worse by more than `bound`; wrongly so with `chance` at most."""
    return log_evidence(pair, bound) > -np.log(chance)
