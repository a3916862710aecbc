"""How much better one model is than another on the same rows, and how sure that is. Pure."""

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

TUNED_FOR: Final = 1_000
"""Rows at which the bounds that hold always are tightest."""


@dataclass(frozen=True)
class Difference:
    """A paired comparison; above 0 the new model is the better one.

    Attributes:
        rows: how many were judged by both models.
        mean: of the differences.
        deviation: standard deviation of one row's difference.
    """

    rows: int
    mean: float
    deviation: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Self:
        """Of a row's difference each, shape (n,), n at least 2."""
        return cls(len(values), float(values.mean()), float(values.std(ddof=1)))

    @classmethod
    def of_counts(cls, better: int, worse: int, rows: int) -> Self:
        """Of accuracy: of so many rows the new model alone was right on `better`, the old one alone
        on `worse`.

        Half a row is added to each cell of the two by two, or a few rows that are all alike would
        look certain (Agresti and Min, Statistics in Medicine 24, 2005).
        """
        count, gain = rows + 2, better - worse
        mean = gain / count
        return cls(count, mean, sqrt((better + worse + 1) / count - mean**2))

    def low(self, confidence: float) -> float:
        """What the true mean is above, one-sided: Student's interval, to be looked at once."""
        return self.mean - self._once(confidence)

    def high(self, confidence: float) -> float:
        """What the true mean is below, likewise."""
        return self.mean + self._once(confidence)

    def low_always(self, confidence: float) -> float:
        """What the true mean is above, however often one looks while rows come in.

        A one-sided asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
        Annals of Statistics 52, 2024), tightest at `TUNED_FOR` rows.
        """
        return self.mean - self._always(confidence)

    def high_always(self, confidence: float) -> float:
        """What the true mean is below, likewise."""
        return self.mean + self._always(confidence)

    def _once(self, confidence: float) -> float:
        return float(stdtrit(self.rows - 1, confidence)) * self.deviation / sqrt(self.rows)

    def _always(self, confidence: float) -> float:
        alpha = 1 - confidence
        doubt = -2 * log(2 * alpha)
        spread = (doubt + log(doubt) + 1) / TUNED_FOR
        grown = self.rows * spread + 1
        widening = 2 * grown / (self.rows**2 * spread) * log1p(sqrt(grown) / (2 * alpha))
        return self.deviation * sqrt(widening)
