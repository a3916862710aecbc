"""The reference's out-of-fold probabilities and outcomes -> what a probability is worth. Pure."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

CLIP: Final = 1e-4
"""How far probabilities are kept from 0 and 1: of a forest's 0 no more is believed than that."""

PRIOR: Final = 1.0
"""Standard deviation, before any row is seen, of what is added to the log-odds: at even odds, and
on top of it at log-odds of `SCALE`."""

SCALE: Final = 3.0
STEPS: Final = 50

REFIT: Final = 1.5
"""By how much the variance of a calibration is multiplied: the reference was predicted out of fold,
by other fits than the champion, which is off in a way of its own. Chosen by simulation; what the
interval holds with it, on other streams, is in docs/performance-estimation.md."""


class Calibration(Struct, frozen=True):
    """log-odds of an outcome = l + a + b * l / SCALE, with l the predicted log-odds.

    Platt's form (Advances in Large Margin Classifiers, 1999) around "as predicted", a = b = 0.

    Attributes:
        coefficients: a and b.
        covariance: of the two, row by row: how far this many rows can tell.
        rows: labelled rows that they are from. Without any, the prior alone: a wide interval.
    """

    coefficients: tuple[float, float] = (0.0, 0.0)
    covariance: tuple[float, float, float, float] = (
        REFIT * PRIOR**2,
        0.0,
        0.0,
        REFIT * PRIOR**2,
    )
    rows: int = 0

    def corrected(self, probability: Floats) -> Floats:
        """What the probabilities are worth, shapes (n,) to (n,)."""
        return np.asarray(expit(_offset(probability) + self.design(probability) @ self._vector()))

    def design(self, probability: Floats) -> Floats:
        """What a and b are multiplied with, shape (n, 2)."""
        return np.column_stack([np.ones(len(probability)), _offset(probability) / SCALE])

    def variance(self, gradient: Floats) -> float:
        """Variance of a figure that changes with a and b as the gradient says, shape (2,)."""
        return float(gradient @ np.reshape(self.covariance, (2, 2)) @ gradient)

    def _vector(self) -> Floats:
        return np.array(self.coefficients)


def calibrate(probability: ArrayLike, outcome: ArrayLike) -> Calibration:
    """Fits both by their posterior mode, with Laplace's approximation of its covariance.

    Probabilities and outcomes of 0 or 1, shape (n,) each; rows that lack one are left out. Never
    fails: one class, or a constant probability, leave to the prior what they cannot tell.
    """
    known, happened = _complete(probability, outcome)
    start = Calibration()
    offset, design = _offset(known), start.design(known)
    prior = np.eye(2) / PRIOR**2
    found = np.zeros(2)
    curvature = prior
    for _ in range(STEPS):
        worth = expit(offset + design @ found)
        curvature = (design.T * (worth * (1 - worth))) @ design + prior
        step = np.linalg.solve(curvature, design.T @ (happened - worth) - prior @ found)
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))  # Newton may overshoot
        found = found + step
        if np.abs(step).max() < 1e-9:
            break
    (aa, ab), (ba, bb) = (REFIT * np.linalg.inv(curvature)).tolist()
    return Calibration((float(found[0]), float(found[1])), (aa, ab, ba, bb), len(known))


def finite(values: ArrayLike) -> Floats:
    """The values as numbers, NaN where they are none, shape (n,)."""
    try:
        return np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        return np.full(np.size(np.asarray(values, dtype=object)), np.nan)


def _complete(probability: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    given, happened = finite(probability), finite(outcome)
    known = np.isfinite(given) & np.isfinite(happened)
    return given[known], happened[known]


def _offset(probability: Floats) -> Floats:
    return np.asarray(logit(np.clip(probability, CLIP, 1 - CLIP)))
