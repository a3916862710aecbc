"""Whether a column alone nearly says the target: it may be written after the outcome. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

MAX_ROWS: Final = 20_000
"""The first rows of the file, on which it is looked at."""

BINS: Final = 20
MIN_ROWS: Final = 50

ERRORS_LEFT: Final = 0.05
"""Share of the errors of always naming the most frequent class, below which it is suspicious."""


def error_share(cells: Sequence[str], target: Sequence[str]) -> float:
    """Errors that are left when each value names its most frequent class, as a share.

    Values with a single row are no evidence, since each would name its own class. Numbers are put
    into bins first.

    Args:
        cells: Of a column.
        target: Of the same rows.

    Returns:
        0 if the column says the target, about 1 if it says nothing about it.
    """
    base = len(target) - max(Counter(target).values(), default=0)
    if not base or len(target) < MIN_ROWS:
        return 1.0
    by_value: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, outcome in zip(_binned(cells), target, strict=True):
        by_value[value][outcome] += 1
    single = [counts for counts in by_value.values() if counts.total() == 1]
    right = sum(max(counts.values()) for counts in by_value.values() if counts.total() > 1)
    return (len(target) - right - len(single)) / base if len(single) < len(target) / 2 else 1.0


def _binned(cells: Sequence[str]) -> list[str]:
    if len(set(cells)) <= BINS:
        return list(cells)
    try:
        numbers = np.array([float(text or "nan") for text in cells])
    except ValueError:
        return list(cells)
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
    return [str(each) for each in np.searchsorted(edges, numbers).tolist()]
