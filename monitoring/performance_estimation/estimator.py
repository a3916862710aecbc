"""Estimates a window's accuracy from its probabilities, before outcomes arrive (CBPE). Pure.

A calibrated probability is the share of its predictions that are correct. Its mean over a window is
therefore the accuracy to expect: the average confidence of Guillory et al. (ICCV 2021) and Garg et
al. (ICLR 2022), NannyML's confidence-based performance estimation. It holds for as long as outcomes
depend on the features as before. Under concept drift it is wrong, and only outcomes can show that.
"""

from enum import StrEnum
from math import sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike

from monitoring.performance_estimation.calibration import Calibration, Floats, to_floats
from monitoring.performance_estimation.interval import (
    CONFIDENCE,
    ConfidenceInterval,
    normal_quantile,
)


class EstimateStatus(StrEnum):
    """Whether there is an estimate, or why not."""

    ESTIMATED = "estimated"
    EMPTY = "empty"
    ALL_MISSING = "all_missing"


class PerformanceEstimate(Struct, frozen=True):
    """Estimated performance of a window.

    Attributes:
        rows: Rows with a probability and a prediction.
        accuracy: Estimated accuracy; the interval is that of the accuracy that will be measured
            once all outcomes are known.
        precision: Estimated precision of class 1, as are `recall` and `f1`; None where undefined.
    """

    status: EstimateStatus
    rows: int = 0
    accuracy: ConfidenceInterval | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


def estimate_performance(
    probability: ArrayLike,
    prediction: ArrayLike,
    calibration: Calibration,
    population: int | None = None,
    confidence: float = CONFIDENCE,
) -> PerformanceEstimate:
    """Estimates the performance of predictions.

    Args:
        probability: Probabilities of class 1, shape (n,).
        prediction: Predicted classes, 0 or 1, shape (n,). Rows that lack either are left out.
        calibration: The calibration of the model's probabilities.
        population: Rows that these are a sample of, all of which will have an outcome; by default
            these rows alone.
        confidence: Confidence level of the interval.
    """
    probabilities, predicted = to_floats(probability), to_floats(prediction)
    if not len(probabilities):
        return PerformanceEstimate(EstimateStatus.EMPTY)
    complete = np.isfinite(probabilities) & np.isfinite(predicted)
    if not complete.any():
        return PerformanceEstimate(EstimateStatus.ALL_MISSING)
    probabilities, positive = probabilities[complete], predicted[complete] > 0
    calibrated = calibration.calibrate(probabilities)
    correct = np.where(positive, calibrated, 1 - calibrated)
    error = _standard_error(
        probabilities, calibrated, positive, calibration, population or len(probabilities)
    )
    half = normal_quantile(confidence) * error
    mean = float(correct.mean())
    true_positives, positives = float(calibrated[positive].sum()), int(positive.sum())
    actual_positives = float(calibrated.sum())
    return PerformanceEstimate(
        EstimateStatus.ESTIMATED,
        len(probabilities),
        ConfidenceInterval(mean, max(0.0, mean - half), min(1.0, mean + half)),
        precision=_ratio(true_positives, positives),
        recall=_ratio(true_positives, actual_positives),
        f1=_ratio(2 * true_positives, positives + actual_positives),
    )


def _standard_error(
    probabilities: Floats,
    calibrated: Floats,
    positive: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    calibration: Calibration,
    population: int,
) -> float:
    """Standard error of the accuracy that will be measured, about the estimate.

    The sum of three variances: of the calibration, which the reference determines only so well
    (delta method); of the sample, if it is not the whole window; and of the outcomes themselves,
    which are Bernoulli trials.
    """
    rows, variance = len(probabilities), calibrated * (1 - calibrated)
    slope = np.where(positive, variance, -variance)
    gradient = slope @ calibration.design(probabilities) / rows
    correct = np.where(positive, calibrated, 1 - calibrated)
    not_sampled = max(0.0, 1 - rows / population)
    return sqrt(
        calibration.variance(gradient)
        + not_sampled * float(correct.var()) / rows
        + float(variance.mean()) / max(population, rows)
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
