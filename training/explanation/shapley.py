"""Shapley values of one record for any score, by permutations of the features. Pure.

The value of a feature is the mean change of the score when the record's value replaces that of a
background row, over the rows and over the orders in which features are replaced. Each order is used
forwards and backwards, which makes the values exact for scores without interactions of more than
two features, as are those of our logistic models (Castro, Gómez and Tejada, Computers & Operations
Research 36, 2009; Mitchell, Cooper, Frank and Holmes, JMLR 23, 2022).
"""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Final

import numpy as np
import pandas as pd

from contract.schema.task import Floats

PAIRS: Final = 10
"""Orders that are used forwards and backwards."""

MAX_FEATURES_OF_ALL_ORDERS: Final = 4
"""With at most this many features, all orders are used, and the values are exact for any score."""

SEED: Final = 0
"""Always the same, so a record has the same values each time."""

Score = Callable[[pd.DataFrame], Floats]
"""Rows -> a score of each, shape (n,)."""


def shapley_values(
    score: Score, record: pd.DataFrame, background: pd.DataFrame
) -> tuple[float, Floats]:
    """The background's mean score and what each feature adds to it; their sum is the record's.

    Args:
        score: of the model.
        record: one row.
        background: rows with the same columns.

    Returns:
        The mean score of the background, and a value for each column, shape (columns,).
    """
    names = [str(name) for name in record]
    totals, orders = np.zeros(len(names)), feature_orders(len(names))
    base = 0.0
    for order in orders:
        means = _replace_one_by_one(score, record, background, [names[index] for index in order])
        base = float(means[0])
        totals[list(order)] += np.diff(means)
    return base, totals / len(orders)


def feature_orders(count: int) -> list[Sequence[int]]:
    """The orders in which so many features are replaced: all, or pairs of random ones."""
    if count <= MAX_FEATURES_OF_ALL_ORDERS:
        return list(permutations(range(count)))
    random = np.random.default_rng(SEED)
    forwards = [random.permutation(count).tolist() for _ in range(PAIRS)]
    return [order for each in forwards for order in (each, each[::-1])]


def _replace_one_by_one(
    score: Score, record: pd.DataFrame, background: pd.DataFrame, order: Sequence[str]
) -> Floats:
    """Mean scores with the first 0, 1, ..., all features of the record, shape (columns + 1,)."""
    rows, steps = len(background), len(order) + 1
    mixed = {name: np.tile(background[name].to_numpy(), steps) for name in background}
    for place, name in enumerate(order):
        mixed[name][(place + 1) * rows :] = record[name].iloc[0]
    means: Floats = score(pd.DataFrame(mixed)).reshape(steps, rows).mean(axis=1)
    return means
