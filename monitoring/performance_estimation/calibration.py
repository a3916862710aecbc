"""Calibrates probabilities by the reference's out-of-fold probabilities and outcomes. Pure."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

CLIP: Final = 1e-4
"""Distance that probabilities keep from 0 and 1: a forest's 0 is not taken as certainty."""

PRIOR: Final = 1.0
"""Prior standard deviation of what is added to the log-odds: at even odds, and on top of it at
log-odds of `SCALE`."""

SCALE: Final = 3.0
MAX_ITERATIONS: Final = 50

VARIANCE_FACTOR: Final = 1.5
"""Factor on the covariance of a calibration. The reference was predicted out of fold, by other fits
than the champion, which has errors of its own. Chosen by simulation; docs/performance-estimation.md
has the coverage on other streams."""


class Calibration(Struct, frozen=True):
    """log-odds of an outcome = l + a + b * l / SCALE, where l are the predicted log-odds.

    Platt scaling (Advances in Large Margin Classifiers, 1999) around "as predicted", a = b = 0.

    Attributes:
        coefficients: a and b.
        covariance: Their covariance matrix, row by row.
        rows: Labelled rows of the fit. Without any, only the prior remains: a wide interval.
    """

    coefficients: tuple[float, float] = (0.0, 0.0)
    covariance: tuple[float, float, float, float] = (
        VARIANCE_FACTOR * PRIOR**2,
        0.0,
        0.0,
        VARIANCE_FACTOR * PRIOR**2,
    )
    rows: int = 0

    def calibrate(self, probability: Floats) -> Floats:
        """Calibrates probabilities, shapes (n,) to (n,)."""
        return np.asarray(expit(_log_odds(probability) + self.design(probability) @ self._vector()))

    def design(self, probability: Floats) -> Floats:
        """The factors of a and b, shape (n, 2)."""
        return np.column_stack([np.ones(len(probability)), _log_odds(probability) / SCALE])

    def variance(self, gradient: Floats) -> float:
        """Variance of a figure whose gradient in a and b is given, shape (2,)."""
        return float(gradient @ np.reshape(self.covariance, (2, 2)) @ gradient)

    def _vector(self) -> Floats:
        return np.array(self.coefficients)


def fit_calibration(probability: ArrayLike, outcome: ArrayLike) -> Calibration:
    """Fits a and b by their posterior mode; the covariance is Laplace's approximation.

    It never fails: with one class or a constant probability, the prior decides.

    Args:
        probability: Out-of-fold probabilities, shape (n,).
        outcome: 0 or 1, shape (n,). Rows that lack either are left out.
    """
    predicted, happened = _complete(probability, outcome)
    log_odds, design = _log_odds(predicted), Calibration().design(predicted)
    prior = np.eye(2) / PRIOR**2
    coefficients = np.zeros(2)
    curvature = prior
    for _ in range(MAX_ITERATIONS):
        fitted = expit(log_odds + design @ coefficients)
        curvature = (design.T * (fitted * (1 - fitted))) @ design + prior
        step = np.linalg.solve(curvature, design.T @ (happened - fitted) - prior @ coefficients)
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))  # Newton may overshoot
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            break
    (aa, ab), (ba, bb) = (VARIANCE_FACTOR * np.linalg.inv(curvature)).tolist()
    return Calibration(
        (float(coefficients[0]), float(coefficients[1])), (aa, ab, ba, bb), len(predicted)
    )


def to_floats(values: ArrayLike) -> Floats:
    """The values as floats, NaN where they are no numbers, shape (n,)."""
    try:
        return np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        return np.full(np.size(np.asarray(values, dtype=object)), np.nan)


def _complete(probability: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    predicted, happened = to_floats(probability), to_floats(outcome)
    complete = np.isfinite(predicted) & np.isfinite(happened)
    return predicted[complete], happened[complete]


def _log_odds(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, CLIP, 1 - CLIP)))
