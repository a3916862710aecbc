"""Chooses degree and penalty of a logistic model by cross-validation where rows are few. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from contract.schema.classes import Codes
from training.evaluation import Floats, log_losses

FOLDS: Final = 5
ROWS_PER_COEFFICIENT: Final = 20
"""With this many rows nothing is chosen. The literature asks for 10 to 20 events per coefficient
(Harrell, Regression Modeling Strategies, 2nd ed., 4.4)."""
INVERSE_PENALTIES: Final = (1.0, 0.1, 0.01, 0.001)


@dataclass(frozen=True)
class LogisticParams:
    """Hyperparameters of a logistic model.

    Attributes:
        degree: 2 adds squares and products of the numerical features, 1 does not.
        c: inverse strength of the L2 penalty, as in scikit-learn.
    """

    degree: int = 2
    c: float = 1.0


DEFAULT_PARAMS: Final = LogisticParams()

FitPredict = Callable[[LogisticParams, pd.DataFrame, pd.DataFrame], Floats]
"""Params, rows to fit, rows to predict -> probabilities of the latter."""


def count_coefficients(numerical: int, encoded: int) -> int:
    """Coefficients of a model of degree 2.

    Args:
        numerical: count of numerical columns.
        encoded: count of columns of encoded categories.
    """
    return numerical * (numerical + 3) // 2 + encoded


def choose_params(
    rows: pd.DataFrame,
    actual: Codes,
    coefficients: int,
    fit_predict: FitPredict,
    random_state: int,
) -> LogisticParams:
    """Chooses the hyperparameters for these rows.

    With `ROWS_PER_COEFFICIENT` or more it returns the default. With fewer, it returns the params
    of the lowest cross-validated log loss, and degree 2 only if there are as many rows as
    coefficients.

    Args:
        rows: rows that may be fitted.
        actual: class codes of the rows, shape (n,).
        coefficients: of a model of degree 2, see `count_coefficients`.
        fit_predict: fits a model and predicts with it.
        random_state: seed of the folds.
    """
    if len(rows) >= ROWS_PER_COEFFICIENT * coefficients:
        return DEFAULT_PARAMS
    degrees = (2, 1) if coefficients <= len(rows) else (1,)
    candidates = [LogisticParams(degree, c) for degree in degrees for c in INVERSE_PENALTIES]
    return min(
        candidates,
        key=lambda params: _cross_validated_loss(rows, actual, params, fit_predict, random_state),
    )


def _cross_validated_loss(
    rows: pd.DataFrame,
    actual: Codes,
    params: LogisticParams,
    fit_predict: FitPredict,
    random_state: int,
) -> float:
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=random_state)
    loss = np.empty(len(rows))
    for fit, validate in folds.split(rows, actual):
        probability = fit_predict(params, rows.iloc[fit], rows.iloc[validate])
        loss[validate] = log_losses(actual[validate], probability)
    return float(loss.mean())
