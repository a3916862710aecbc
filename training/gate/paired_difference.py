"""The difference between two models on the same rows, with confidence bounds. Pure."""

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

TIGHTEST_AT_ROWS: Final = 1_000
"""Rows at which the anytime-valid bounds are tightest."""


@dataclass(frozen=True)
class PairedDifference:
    """A paired comparison of two models; a mean above 0 favours the newer one.

    Attributes:
        rows: scored by both models.
        mean: of the rows' differences.
        standard_deviation: of one row's difference.
    """

    rows: int
    mean: float
    standard_deviation: float

    @classmethod
    def of_values(cls, values: NDArray[np.float64]) -> Self:
        """From one difference for each row, shape (n,), n at least 2."""
        return cls(len(values), float(values.mean()), float(values.std(ddof=1)))

    @classmethod
    def of_counts(cls, better: int, worse: int, rows: int) -> Self:
        """The difference in accuracy.

        Half a row is added to each cell of the two by two table; without it, a few rows that are
        all alike would look certain (Agresti and Min, Statistics in Medicine 24, 2005).

        Args:
            better: rows on which only the newer model was correct.
            worse: rows on which only the older model was correct.
            rows: all rows.
        """
        count, gain = rows + 2, better - worse
        mean = gain / count
        return cls(count, mean, sqrt((better + worse + 1) / count - mean**2))

    def lower_bound(self, confidence: float) -> float:
        """One-sided lower bound of the true mean (Student's t): valid for one look."""
        return self.mean - self._fixed_margin(confidence)

    def upper_bound(self, confidence: float) -> float:
        """One-sided upper bound of the true mean (Student's t): valid for one look."""
        return self.mean + self._fixed_margin(confidence)

    def anytime_upper_bound(self, confidence: float) -> float:
        """One-sided upper bound of the true mean that holds at all looks while rows come in.

        An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Annals
        of Statistics 52, 2024), tightest at `TIGHTEST_AT_ROWS`.
        """
        return self.mean + self._anytime_margin(confidence)

    def _fixed_margin(self, confidence: float) -> float:
        quantile = float(stdtrit(self.rows - 1, confidence))
        return quantile * self.standard_deviation / sqrt(self.rows)

    def _anytime_margin(self, confidence: float) -> float:
        alpha = 1 - confidence
        doubt = -2 * log(2 * alpha)
        rho_squared = (doubt + log(doubt) + 1) / TIGHTEST_AT_ROWS
        scaled = self.rows * rho_squared + 1
        variance = 2 * scaled / (self.rows**2 * rho_squared) * log1p(sqrt(scaled) / (2 * alpha))
        return self.standard_deviation * sqrt(variance)
