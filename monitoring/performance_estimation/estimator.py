"""A window's probabilities -> how accurate its predictions will turn out to be. Pure.

A calibrated probability says how often its prediction is right, so the mean over a window is the
accuracy to expect before any outcome is known: the average confidence of Guillory et al. (ICCV
2021) and Garg et al. (ICLR 2022), the CBPE of NannyML. It holds as long as outcomes follow from the
features as they did. If people buy for other reasons than before, it is wrong and does not show it;
only outcomes do.
"""

from enum import StrEnum
from math import sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from monitoring.performance_estimation.calibration import Calibration, Floats, finite
from monitoring.performance_estimation.interval import CONFIDENCE, Interval, quantile


class Reason(StrEnum):
    """Whether there is an expectation, or why not; all that a metric's label can be."""

    EXPECTED = "expected"
    EMPTY = "empty"
    ALL_MISSING = "all_missing"


class Expected(Struct, frozen=True):
    """What is expected of a window.

    Attributes:
        rows: rows with a probability.
        accuracy: expected share of right predictions; the interval is that of the share that will
            be measured once all outcomes are known.
        precision, recall, f1: expected too, of the class 1; None where they are not defined.
    """

    reason: Reason
    rows: int = 0
    accuracy: Interval | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


def expected(
    probability: ArrayLike,
    prediction: ArrayLike,
    calibration: Calibration,
    population: int | None = None,
    confidence: float = CONFIDENCE,
) -> Expected:
    """Expects from probabilities of class 1 and the predictions made, 0 or 1, shape (n,) each.

    `population` is the number of rows that the sample is from, all of which will have an outcome;
    the sample alone if it is not given. Rows without a probability or prediction are left out.
    """
    given, predicted = finite(probability), finite(prediction)
    if not len(given):
        return Expected(Reason.EMPTY)
    known = np.isfinite(given) & np.isfinite(predicted)
    if not known.any():
        return Expected(Reason.ALL_MISSING)
    given, positive = given[known], predicted[known] > 0
    worth = calibration.corrected(given)
    right = np.where(positive, worth, 1 - worth)
    error = _error(given, worth, positive, calibration, population or len(given))
    reach = quantile(confidence) * error
    mean = float(right.mean())
    hits, claims = float(worth[positive].sum()), int(positive.sum())
    buyers = float(worth.sum())
    return Expected(
        Reason.EXPECTED,
        len(given),
        Interval(mean, max(0.0, mean - reach), min(1.0, mean + reach)),
        precision=_ratio(hits, claims),
        recall=_ratio(hits, buyers),
        f1=_ratio(2 * hits, claims + buyers),
    )


def _error(
    given: Floats,
    worth: Floats,
    positive: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    calibration: Calibration,
    population: int,
) -> float:
    """Standard error of the measured accuracy about the expected one.

    Of the calibration, which the reference does not tell better (delta method); of the sample, if
    it is not the whole window; and of the outcomes, which are coins that are yet to fall.
    """
    rows, doubt = len(given), worth * (1 - worth)
    slope = np.where(positive, doubt, -doubt)
    gradient = slope @ calibration.design(given) / rows
    right = np.where(positive, worth, 1 - worth)
    unseen = max(0.0, 1 - rows / population)
    return sqrt(
        calibration.variance(gradient)
        + unseen * float(right.var()) / rows
        + float(doubt.mean()) / max(population, rows)
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
