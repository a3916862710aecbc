"""Look-back selection: how many of the newest rows to train on. Pure.

After concept drift, old labels are wrong; without it, they improve the model. Several look-backs,
from the newest rows alone to all rows, are compared on held-out parts of the newest rows
(Klinkenberg and Joachims, ICML 2000). Of the look-backs within one standard error of the best one,
the longest is selected (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees,
1984).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd

from contract.schema.task import Floats
from training.task import Splits

FOLDS: Final = 3
GROWTH: Final = 4
"""Ratio of the lengths of two neighbouring lookbacks."""

FitLosses = Callable[[pd.DataFrame, pd.DataFrame], Floats]
"""Rows to fit, rows to validate -> the losses of the latter, shape (n,)."""


@dataclass(frozen=True)
class LookbackCandidate:
    """A lookback that can be selected.

    Attributes:
        rows: its length, counted from the newest row.
        loss: cross-validated on the newest rows; None without an alternative.
        standard_error: of the difference between its loss and the best one; likewise.
    """

    rows: int
    loss: float | None = None
    standard_error: float | None = None


def lookback_lengths(newest: int, stream: int, rows: int) -> list[int]:
    """The lengths to choose from, ascending.

    Args:
        newest: rows of the newest window, the shortest lookback.
        stream: rows of the stream.
        rows: all rows, the longest lookback.
    """
    lengths = []
    length = newest
    while length <= stream // 2:
        lengths.append(length)
        length *= GROWTH
    return sorted({*lengths, *([stream] if stream else []), rows})


def select_lookback(
    fit_rows: pd.DataFrame,
    counts: list[int],
    splits: Splits,
    fit_losses: FitLosses,
) -> tuple[int, list[LookbackCandidate]]:
    """Selects a lookback by cross-validation on the newest rows.

    Args:
        fit_rows: rows that may be fitted, in the order of time.
        counts: rows of each lookback among `fit_rows`, ascending, `newest` or more.
        splits: folds of the last rows, those of the newest window.
        fit_losses: fits a model and validates it.

    Returns:
        The index of the selected lookback in `counts`, and all lookbacks with their losses.
    """
    if len(counts) == 1:
        return 0, [LookbackCandidate(counts[0])]
    newest = sum(len(validate) for _, validate in splits)
    newest_rows = fit_rows.tail(newest)
    losses = []
    for count in counts:
        older = fit_rows.tail(count).head(count - newest)
        loss = np.empty(newest)
        for fit, validate in splits:
            train = pd.concat([older, newest_rows.iloc[fit]])
            loss[validate] = fit_losses(train, newest_rows.iloc[validate])
        losses.append(loss)
    best = min(losses, key=lambda loss: float(loss.mean()))
    candidates = [
        LookbackCandidate(
            count, float(loss.mean()), float((loss - best).std(ddof=1)) / sqrt(newest)
        )
        for count, loss in zip(counts, losses, strict=True)
    ]
    lowest = float(best.mean())
    within_one_error = [
        index
        for index, candidate in enumerate(candidates)
        if (candidate.loss or 0.0) - lowest <= (candidate.standard_error or 0.0)
    ]
    return within_one_error[-1], candidates
