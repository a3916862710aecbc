"""The difference between two models on the same rows, with confidence bounds. Pure."""

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from training.threshold import EQUAL_COSTS, Costs

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
        return cls.of_errors((better, 0), (worse, 0), rows, EQUAL_COSTS)

    @classmethod
    def of_errors(
        cls, better: tuple[int, int], worse: tuple[int, int], rows: int, costs: Costs
    ) -> Self:
        """The difference in accuracy in which an error weighs its cost, 1 the cheaper one.

        With equal costs it is that of `of_counts`.

        Args:
            better: rows on which only the newer model was correct: negative and positive ones.
            worse: rows on which only the older model was correct, likewise.
            rows: all rows.
            costs: of an error on a negative row and on a positive one.
        """
        prices = np.array([costs.false_positive, costs.false_negative])
        weights, count = prices / prices.min(), rows + 2
        gained, lost = np.array(better), np.array(worse)
        mean = float(weights @ (gained - lost)) / count
        squares = float(weights**2 @ (gained + lost + 0.5))
        return cls(count, mean, sqrt(squares / count - mean**2))

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
