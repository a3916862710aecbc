"""What chance makes of the calibration of probabilities that are true. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.evaluate import BINS, bins

DRAWS: Final = 200
SEED: Final = 7


def calibration_by_chance(probability: NDArray[np.float64], confidence: float) -> float:
    """The calibration error that true probabilities, shape (n,), exceed with 1 - `confidence`.

    Outcomes are drawn from the probabilities themselves (consistency resampling; Bröcker and
    Smith, Weather and Forecasting 22, 2007), always the same ones.
    """
    random = np.random.default_rng(SEED)
    place = bins(probability)
    expected = np.bincount(place, probability, BINS)
    errors = []
    for _ in range(DRAWS):
        bought = np.bincount(place, random.random(len(probability)) < probability, BINS)
        errors.append(np.abs(bought - expected).sum() / len(probability))
    return float(np.quantile(errors, confidence))
