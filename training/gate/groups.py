"""The groups of customers in which the gate allows no loss: categories and quartiles. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.schema import Schema

BANDS: Final = 4


def groups(
    rows: pd.DataFrame, reference: pd.DataFrame, schema: Schema
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yields the name and the mask, shape (n,), of each group of the rows.

    A group is a category of a categorical feature, or a band of a numerical one. Bands are bounded
    by the quartiles of the reference; there are fewer where quartiles coincide. Rows without a
    value are a group of their own for each optional feature.
    """
    for name in schema.categorical:
        values = rows[name].to_numpy()
        for category in sorted(rows[name].dropna().unique()):
            yield f"{name} {category}", values == category
    for name in schema.numerical:
        present = reference[name].dropna()
        quantiles = np.arange(1, BANDS) / BANDS
        inner = np.unique(np.quantile(present, quantiles) if len(present) else [])
        edges = [-np.inf, *inner, np.inf]
        band = np.searchsorted(inner, rows[name].to_numpy(), side="right")
        band[rows[name].isna()] = -1
        for place in range(len(edges) - 1):
            yield f"{name} {_interval(edges[place], edges[place + 1])}", band == place
    for name in schema.nullable:
        yield f"{name} missing", rows[name].isna().to_numpy()


def _interval(low: float, high: float) -> str:
    if low == -np.inf:
        return f"below {high:.10g}"
    return f"from {low:.10g}" if high == np.inf else f"{low:.10g} to {high:.10g}"
