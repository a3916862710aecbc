"""A row's loss, and the skill of probabilities. Pure. Both as `contract.classes` has them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from contract.classes import CLASSES, SEVERAL

Floats = NDArray[np.float64]

CLIP: Final = 1e-3
"""How far a paired comparison keeps probabilities from 0 and 1. A mistake made for sure costs 6.9:
with more, the interval would hang on single rows."""


def log_losses(actual: NDArray[np.int64], probability: Floats) -> Floats:
    """-ln of the probability given to what happened, a row each, shape (n,); 0.001 to 6.9."""
    kept = np.clip(probability, CLIP, 1 - CLIP)
    if SEVERAL:
        given = kept[np.arange(len(actual)), actual]
    else:
        given = np.where(actual == 1, kept, 1 - kept)
    found: Floats = -np.log(given)
    return found


def base_rate(actual: NDArray[np.int64]) -> Floats:
    """The probabilities that know nothing but how common each class is, a row each."""
    shares = np.bincount(actual, minlength=len(CLASSES)) / len(actual)
    return np.tile(shares, (len(actual), 1)) if SEVERAL else np.full(len(actual), shares[1])


def skill(actual: NDArray[np.int64], probability: Floats) -> float:
    """Share of the log loss of the base rate that the probabilities save: 1 at best, 0 if none.

    McFadden's pseudo R squared (in Zarembka, Frontiers in Econometrics, 1974); 0 where all
    outcomes are alike and there is nothing to save.
    """
    base = log_losses(actual, base_rate(actual)).mean()
    if actual.min() == actual.max():
        return 0.0
    return float(1 - log_losses(actual, probability).mean() / base)
