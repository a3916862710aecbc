"""Probabilities, as `contract.classes` has them, and what came -> scores. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics

from contract.classes import CLASSES, SEVERAL, predicted, told
from contract.errors import BadDataset

BINS: Final = 10
CLIP: Final = 1e-15
"""How far probabilities are kept from 0 and 1: a mistake made for sure costs 34.5, not infinity."""


@dataclass(frozen=True)
class Scores:
    """How well probabilities fit what came.

    Of several classes, the figures of a class by itself are averaged over the classes, and the
    calibration is that of the class that was predicted.

    Attributes:
        accuracy: share of right predictions, 0 to 1.
        precision: share of buyers among those predicted to buy, 0 to 1; 0 if there are none.
        recall: share predicted to buy among the buyers, 0 to 1.
        f1: harmonic mean of precision and recall, 0 to 1 (van Rijsbergen, Information Retrieval,
            1979).
        roc_auc: chance that a buyer's probability is above a non-buyer's, 0 to 1 (Hanley and
            McNeil, Radiology 143, 1982).
        log_loss: mean of -ln of the probability given to what happened, 0 to 34.5 (Good, Rational
            Decisions, 1952).
        brier: mean squared distance of probability and outcome, 0 to 1 (Brier, Verification of
            Forecasts, 1950).
        calibration_error: mean distance of probability and share of buyers over ten equally wide
            bins of probability, weighted by their rows, 0 to 1 (expected calibration error; Naeini
            et al., AAAI 2015, in the binary form of their definition).
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    roc_auc: float
    log_loss: float
    brier: float
    calibration_error: float


def scores(actual: NDArray[np.int64], probability: NDArray[np.float64]) -> Scores:
    """Scores probabilities against the places of the classes that came, shape (n,).

    Raises `BadDataset` if a class never came: half of the scores are then not defined.
    """
    if len(np.unique(actual)) != len(CLASSES):
        raise BadDataset(
            f"the {len(actual)} held-out rows lack a class: a model can be scored only on rows of "
            f"each of {', '.join(map(str, CLASSES))}"
        )
    said = predicted(probability)
    average = "macro" if SEVERAL else "binary"
    clipped = np.clip(probability, CLIP, 1 - CLIP)
    if SEVERAL:
        clipped /= clipped.sum(axis=1, keepdims=True)
    claim, happened = claims(actual, probability)
    return Scores(
        accuracy=float(metrics.accuracy_score(actual, said)),
        precision=float(metrics.precision_score(actual, said, average=average, zero_division=0)),
        recall=float(metrics.recall_score(actual, said, average=average)),
        f1=float(metrics.f1_score(actual, said, average=average)),
        roc_auc=float(metrics.roc_auc_score(actual, probability, multi_class="ovr")),
        log_loss=float(metrics.log_loss(actual, clipped)),
        brier=float(metrics.brier_score_loss(actual, probability, scale_by_half=True)),
        calibration_error=calibration_error(calibration(happened, claim)),
    )


def claims(
    actual: NDArray[np.int64], probability: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The probability that each prediction tells, and whether what it is of came, shape (n,) each.

    Of two classes that is the latter of them; of several, the class that was predicted.
    """
    if not SEVERAL:
        return probability, actual
    return told(probability), (predicted(probability) == actual).astype(np.int64)


def calibration(actual: NDArray[np.int64], probability: NDArray[np.float64]) -> pd.DataFrame:
    """The calibration table: one row for each bin of probability that has customers.

    Columns: `low` and `high`, the bin's bounds; `rows`; `probability`, the mean predicted one;
    `bought`, the share of rows in which what it is of came.
    """
    table = (
        pd.DataFrame({"bin": bins(probability), "probability": probability, "bought": actual})
        .groupby("bin", as_index=False)
        .agg(
            rows=("bought", "size"), probability=("probability", "mean"), bought=("bought", "mean")
        )
    )
    table.insert(0, "low", table["bin"] / BINS)
    table.insert(1, "high", (table["bin"] + 1) / BINS)
    return table.drop(columns="bin")


def bins(probability: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each probability, 0 to 9, shape (n,)."""
    return np.minimum((probability * BINS).astype(np.int64), BINS - 1)


def calibration_error(table: pd.DataFrame) -> float:
    """The expected calibration error of a calibration table, 0 to 1."""
    distance = (table["probability"] - table["bought"]).abs()
    return float(np.average(distance, weights=table["rows"]))
