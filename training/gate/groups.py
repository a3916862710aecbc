"""The groups of customers of whom none may fare worse: categories, and bands of numbers. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.features import CATEGORICAL, NUMERICAL, OPTIONAL

BANDS: Final = 4


def groups(rows: pd.DataFrame, reference: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Name and mask, shape (n,), of each group of the rows.

    Every category of a categorical feature that the rows have is one, and every quarter of a
    numerical one, bounded by the quartiles of the reference; fewer where quartiles coincide. Rows
    without a value are one of their own, of each feature that may lack.
    """
    for name in CATEGORICAL:
        values = rows[name].to_numpy()
        for category in sorted(rows[name].dropna().unique()):
            yield f"{name} {category}", values == category
    for name in NUMERICAL:
        known = reference[name].dropna()
        inner = np.unique(np.quantile(known, np.arange(1, BANDS) / BANDS) if len(known) else [])
        edges = [-np.inf, *inner, np.inf]
        band = np.searchsorted(inner, rows[name].to_numpy(), side="right")
        band[rows[name].isna()] = -1
        for place in range(len(edges) - 1):
            yield f"{name} {_words(edges[place], edges[place + 1])}", band == place
    for name in OPTIONAL:
        yield f"{name} missing", rows[name].isna().to_numpy()


def _words(low: float, high: float) -> str:
    if low == -np.inf:
        return f"below {high:.10g}"
    return f"from {low:.10g}" if high == np.inf else f"{low:.10g} to {high:.10g}"
