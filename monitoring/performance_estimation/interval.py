"""A share, and between which bounds it is. Plain data and pure."""

from math import sqrt
from typing import Final

from msgspec import Struct
from scipy.special import ndtri

CONFIDENCE: Final = 0.95


class Interval(Struct, frozen=True):
    """A share between 0 and 1, and its interval's bounds."""

    value: float
    low: float
    high: float

    def holds(self, share: float) -> bool:
        """Whether the share is within the bounds."""
        return self.low <= share <= self.high


def quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches."""
    return float(ndtri((1 + confidence) / 2))


def wilson(hits: int, rows: int, confidence: float = CONFIDENCE) -> Interval | None:
    """A measured share of hits among rows; None without rows (Wilson, JASA 22, 1927)."""
    if rows <= 0:
        return None
    share, z = hits / rows, quantile(confidence)
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    reach = z / (1 + z * z / rows) * sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return Interval(
        share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))
    )
