"""Rows -> how much a logistic model may learn of them: if few, by cross-validation. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from contract.classes import CLASSES, SEVERAL, codes
from contract.features import TARGET
from training.losses import Floats, log_losses

FOLDS: Final = 5
PLENTY: Final = 20
"""Rows for each coefficient with which nothing need be chosen: between the 10 to 20 events that
are asked for (Harrell, Regression Modeling Strategies, 2nd ed., 4.4) and what costs no time."""
STRENGTHS: Final = (1.0, 0.1, 0.01, 0.001)


@dataclass(frozen=True)
class Shape:
    """What a logistic model may learn.

    Attributes:
        degree: 2 is with the squares and products of the numbers, 1 without.
        c: inverse strength of the L2 penalty, as scikit-learn has it.
    """

    degree: int = 2
    c: float = 1.0


PLAIN: Final = Shape()

Predicted = Callable[[Shape, pd.DataFrame, pd.DataFrame], Floats]
"""Fits a model of a shape to known rows; its probabilities of others, as `contract.classes`."""


def choose(
    rows: pd.DataFrame, numbers: int, others: int, predicted: Predicted, random_state: int
) -> Shape:
    """The shape for rows that may be fitted, with so many numerical and other encoded columns.

    With `PLENTY` of rows for each coefficient it is degree 2, hardly penalised. With fewer, the
    one of least cross-validated log loss; degree 2 only where there are as many rows as terms.
    """
    with_products = numbers * (numbers + 3) // 2 + others
    if len(rows) >= PLENTY * with_products:
        return PLAIN
    degrees = (2, 1) if with_products <= len(rows) else (1,)
    shapes = [Shape(degree, c) for degree in degrees for c in STRENGTHS]
    return min(shapes, key=lambda shape: _loss(rows, shape, predicted, random_state))


def _loss(rows: pd.DataFrame, shape: Shape, predicted: Predicted, random_state: int) -> float:
    actual = codes(rows[TARGET])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=random_state)
    probability = np.empty((len(rows), len(CLASSES)) if SEVERAL else len(rows))
    for fit, held_out in folds.split(rows, actual):
        probability[held_out] = predicted(shape, rows.iloc[fit], rows.iloc[held_out])
    return float(log_losses(actual, probability).mean())
