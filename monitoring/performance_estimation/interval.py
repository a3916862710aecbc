"""A share or a mean, and its confidence interval. Plain data and pure."""

from math import sqrt
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

CONFIDENCE: Final = 0.95


class ConfidenceInterval(Struct, frozen=True):
    """A share or a mean, and the bounds of its interval."""

    value: float
    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether the value is within the bounds."""
        return self.low <= value <= self.high


def normal_quantile(confidence: float) -> float:
    """Half the width of a two-sided interval, in standard errors."""
    return float(ndtri((1 + confidence) / 2))


def wilson_interval(
    hits: int, rows: int, confidence: float = CONFIDENCE
) -> ConfidenceInterval | None:
    """The interval of a measured share, `hits` of `rows` (Wilson, JASA 22, 1927).

    Returns:
        None without rows.
    """
    if rows <= 0:
        return None
    share, z = hits / rows, normal_quantile(confidence)
    center = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return ConfidenceInterval(
        share, max(0.0, min(share, center - half)), min(1.0, max(share, center + half))
    )


def mean_interval(
    values: NDArray[np.float64], confidence: float = CONFIDENCE, lowest: float = -np.inf
) -> ConfidenceInterval | None:
    """The interval of the mean of measured values, shape (n,), by Student's t-distribution.

    Args:
        values: Finite numbers.
        confidence: Confidence level of the interval.
        lowest: The smallest possible mean.

    Returns:
        None with fewer than two values, or if they are too large for their squares to be numbers.
    """
    count = len(values)
    if count < 2:
        return None
    mean, error = float(values.mean()), float(values.std(ddof=1)) / sqrt(count)
    half = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    if not np.isfinite([mean - half, mean + half]).all():
        return None
    return ConfidenceInterval(mean, max(lowest, mean - half), mean + half)
