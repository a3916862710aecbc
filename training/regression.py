"""Numbers and actual values -> scores, per-row losses and the prediction interval. Pure."""

from math import ceil

import numpy as np

from contract.errors import BadDataset
from contract.schema.task import Floats, Interval


def regression_scores(actual: Floats, predicted: Floats) -> dict[str, float]:
    """Scores n predictions.

    Args:
        actual: shape (n,).
        predicted: of the same rows, shape (n,).

    Returns:
        The mean absolute error and the root of the mean squared error, in the target's unit, and R
        squared: the share of the variance that is explained, at most 1, and 0 for the mean.
    """
    errors = predicted - actual
    return {
        "mae": float(np.abs(errors).mean()),
        "rmse": float(np.sqrt((errors**2).mean())),
        "r2": r_squared(actual, predicted),
    }


def r_squared(actual: Floats, predicted: Floats) -> float:
    """The coefficient of determination; 0 where all actual values are equal."""
    variance = float(np.var(actual))
    return 1 - float(np.mean((actual - predicted) ** 2)) / variance if variance else 0.0


def conformal_interval(actual: Floats, predicted: Floats, level: float) -> Interval:
    """The interval of split conformal prediction, from rows that the model was not fitted on.

    Its margin is the ceil((n + 1) * level)-th smallest of the n absolute errors. A new record of
    the same distribution is inside with a probability of at least `level`, whatever the model
    (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, JASA 113, 2018).

    Args:
        actual: shape (n,).
        predicted: of the same rows, shape (n,).
        level: between 0 and 1.

    Raises:
        BadDataset: there are too few rows for the level.
    """
    errors, place = np.sort(np.abs(actual - predicted)), ceil((len(actual) + 1) * level)
    if place > len(errors):
        raise BadDataset(
            f"an interval of level {level:g} needs {ceil(level / (1 - level))} held-out rows, and "
            f"there are {len(errors)}: add rows, or lower INTENT_INTERVAL_LEVEL"
        )
    return Interval(level, float(errors[place - 1]))
