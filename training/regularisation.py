"""Chooses degree and penalty of a logistic or linear model where rows are few. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from contract.schema.task import Floats
from training.task import Splits

FOLDS: Final = 5
ROWS_PER_COEFFICIENT: Final = 20
"""With this many rows nothing is chosen. The literature asks for 10 to 20 events per coefficient
(Harrell, Regression Modeling Strategies, 2nd ed., 4.4)."""
MAX_TERM_VALUES: Final = 100_000_000
"""Values of all terms of degree 2 in all rows, 8 bytes each, that a training may hold."""
INVERSE_PENALTIES: Final = (1.0, 0.1, 0.01, 0.001)


@dataclass(frozen=True)
class LogisticParams:
    """Hyperparameters of a logistic or linear model.

    Attributes:
        degree: 2 adds squares and products of the numerical features, 1 does not.
        c: inverse strength of the L2 penalty, as in scikit-learn.
    """

    degree: int = 2
    c: float = 1.0


DEFAULT_PARAMS: Final = LogisticParams()

FitLosses = Callable[[LogisticParams, pd.DataFrame, pd.DataFrame], Floats]
"""Params, rows to fit, rows to validate -> the losses of the latter, shape (n,)."""


def count_terms(numerical: int) -> int:
    """Numbers, their squares and products: the terms of degree 2 of so many numerical columns."""
    return numerical * (numerical + 3) // 2


def choose_params(
    rows: pd.DataFrame, coefficients: tuple[int, int], splits: Splits, fit_losses: FitLosses
) -> LogisticParams:
    """Chooses the hyperparameters for these rows.

    With `ROWS_PER_COEFFICIENT` or more it returns the default. With fewer, it returns the params
    of the lowest cross-validated loss, and degree 2 only if there are as many rows as coefficients.
    In any case the degree is 1 where terms of degree 2 would not fit into memory.

    Args:
        rows: rows that may be fitted.
        coefficients: terms of degree 2, see `count_terms`, and columns of encoded categories.
        splits: folds of the rows.
        fit_losses: fits a model and validates it.
    """
    fits_memory = coefficients[0] * len(rows) <= MAX_TERM_VALUES
    if len(rows) >= ROWS_PER_COEFFICIENT * sum(coefficients):
        return DEFAULT_PARAMS if fits_memory else LogisticParams(degree=1)
    degrees = (2, 1) if sum(coefficients) <= len(rows) and fits_memory else (1,)
    candidates = [LogisticParams(degree, c) for degree in degrees for c in INVERSE_PENALTIES]

    def cross_validated_loss(params: LogisticParams) -> float:
        loss = np.empty(len(rows))
        for fit, validate in splits:
            loss[validate] = fit_losses(params, rows.iloc[fit], rows.iloc[validate])
        return float(loss.mean())

    return min(candidates, key=cross_validated_loss)
