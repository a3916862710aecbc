"""Outcomes beside predicted numbers and their intervals -> the scores of a window. Pure."""

from collections.abc import Iterable
from math import nan
from typing import Any, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitoring.performance_estimation.interval import (
    ConfidenceInterval,
    mean_interval,
    wilson_interval,
)
from monitoring.windows.batch import Floats


class RegressionScores(Struct, frozen=True):
    """Scores of the labelled rows in a window's sample.

    A score is None where it is undefined, or too large to be a number: JSON has no infinity.

    Errors are in the target's unit, prediction minus outcome.

    Attributes:
        rows: Sampled rows with an outcome.
        mae: Mean absolute error, with its 95 % interval.
        rmse: Root of the mean squared error.
        r2: Share of the outcomes' variance that is explained, at most 1.
        bias: Mean error, with its 95 % interval: above 0 if predictions are too large.
        coverage: Share of the outcomes inside their prediction interval, with its 95 % interval.
        interval_width: Mean width of the prediction intervals.
    """

    rows: int
    mae: ConfidenceInterval | None = None
    rmse: float | None = None
    r2: float | None = None
    bias: ConfidenceInterval | None = None
    coverage: ConfidenceInterval | None = None
    interval_width: float | None = None

    @classmethod
    def measure(cls, actual: Floats, predicted: Floats) -> Self:
        """Measures n rows.

        Args:
            actual: Outcomes, shape (n,).
            predicted: Number, lowest and highest end of the interval, shape (n, 3). The ends are
                NaN where a prediction has none.
        """
        rows = len(actual)
        if not rows:
            return cls(0)
        number, low, high = predicted.T
        with_interval = np.isfinite(low) & np.isfinite(high)
        count = int(with_interval.sum())
        with np.errstate(over="ignore", invalid="ignore"):
            errors = number - actual
            squared = float(np.mean(errors**2))
            variance = float(np.var(actual))
            return cls(
                rows=rows,
                mae=mean_interval(np.abs(errors), lowest=0.0),
                rmse=_finite(np.sqrt(squared)),
                r2=_finite(1 - squared / variance) if variance else None,
                bias=mean_interval(errors),
                coverage=wilson_interval(int(is_inside(actual, low, high).sum()), count),
                interval_width=_finite((high - low)[with_interval].mean()) if count else None,
            )


def _finite(score: float) -> float | None:
    return float(score) if np.isfinite(score) else None


def numbers_and_intervals(predictions: Iterable[Any]) -> Floats:
    """Predictions of numbers as `RegressionScores.measure` takes them; None becomes NaN."""
    rows = [
        (nan, nan, nan) if each is None else (each.prediction, *(each.interval or (nan, nan)))
        for each in predictions
    ]
    return np.array(rows, np.float64).reshape(-1, 3)


def is_inside(actual: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Which outcomes are inside their interval, ends included; shape (n,), false without one."""
    return (low <= actual) & (actual <= high)
