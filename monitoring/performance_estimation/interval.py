"""A share and its confidence interval. Plain data and pure."""

from math import sqrt
from typing import Final

from msgspec import Struct
from scipy.special import ndtri

CONFIDENCE: Final = 0.95


class ConfidenceInterval(Struct, frozen=True):
    """A share between 0 and 1, and the bounds of its interval."""

    value: float
    low: float
    high: float

    def contains(self, share: float) -> bool:
        """Whether the share is within the bounds."""
        return self.low <= share <= self.high


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
