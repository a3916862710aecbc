"""Probabilities and true classes -> scores, calibration, per-row losses and skill. Pure.

Probabilities are as `contract.schema.classes` has them: shape (n,) of the second of two classes,
shape (n, classes) of several.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics

from contract.errors import BadDataset
from contract.schema.classes import Classes
from contract.schema.task import DEFAULT_THRESHOLD

Floats = NDArray[np.float64]

BINS: Final = 10
CLIP: Final = 1e-15
"""Distance of probabilities from 0 and 1 in a version's scores: a certain mistake costs 34.5."""
PAIRED_CLIP: Final = 1e-3
"""The same in paired comparisons: a certain mistake costs 6.9. With a smaller distance, the
confidence interval would depend on single rows."""
NULL_DRAWS: Final = 200
NULL_SEED: Final = 7


@dataclass(frozen=True)
class Scores:
    """How well probabilities fit the true classes.

    With several classes, scores of a single class are averaged over the classes, and the
    calibration is that of the predicted class. "Positive" is the second of two classes, a purchase
    with the cars.

    Attributes:
        accuracy: share of correct predictions, 0 to 1.
        precision: share of positives among the predicted positives, 0 to 1; 0 without any.
        recall: share of predicted positives among the positives, 0 to 1.
        f1: harmonic mean of precision and recall, 0 to 1 (van Rijsbergen, Information Retrieval,
            1979).
        roc_auc: probability that a positive's score is above a negative's, 0 to 1 (Hanley and
            McNeil, Radiology 143, 1982).
        log_loss: mean of -ln of the probability of the true class, 0 to 34.5 (Good, Rational
            Decisions, 1952).
        brier: mean squared distance of probability and outcome, 0 to 1 (Brier, Verification of
            Forecasts, 1950).
        calibration_error: mean distance of probability and share of positives over ten bins
            of equal width, weighted by their rows, 0 to 1 (expected calibration error; Naeini
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


def scores(
    actual: NDArray[np.int64],
    probability: Floats,
    classes: Classes,
    threshold: float = DEFAULT_THRESHOLD,
) -> Scores:
    """Scores probabilities against the codes of the true classes, shape (n,).

    Args:
        actual: codes of the true classes.
        probability: of the same rows.
        classes: of the target.
        threshold: decision threshold of two classes.

    Raises:
        BadDataset: a class is missing in `actual`, so half of the scores are undefined.
    """
    if len(np.unique(actual)) != len(classes):
        raise BadDataset(
            f"the {len(actual)} held-out rows lack a class: add rows until each of "
            f"{', '.join(map(str, classes.values))} is among them"
        )
    labels = classes.predict(probability, threshold)
    average = "macro" if classes.multiclass else "binary"
    clipped = np.clip(probability, CLIP, 1 - CLIP)
    if classes.multiclass:
        clipped /= clipped.sum(axis=1, keepdims=True)
    confidence, hits = reported_confidence(actual, probability, classes)
    return Scores(
        accuracy=float(metrics.accuracy_score(actual, labels)),
        precision=float(metrics.precision_score(actual, labels, average=average, zero_division=0)),
        recall=float(metrics.recall_score(actual, labels, average=average)),
        f1=float(metrics.f1_score(actual, labels, average=average)),
        roc_auc=float(metrics.roc_auc_score(actual, probability, multi_class="ovr")),
        log_loss=float(metrics.log_loss(actual, clipped)),
        brier=float(metrics.brier_score_loss(actual, probability, scale_by_half=True)),
        calibration_error=calibration_error(calibration_table(hits, confidence)),
    )


def reported_confidence(
    actual: NDArray[np.int64], probability: Floats, classes: Classes
) -> tuple[Floats, NDArray[np.int64]]:
    """The probability that each prediction reports, and whether its class came true.

    The class is the second of two, or the predicted one of several.

    Returns:
        Probabilities, and 0 or 1; shape (n,) each.
    """
    if not classes.multiclass:
        return probability, actual
    hits = classes.predict(probability, DEFAULT_THRESHOLD) == actual  # the most probable class
    return classes.reported_probability(probability), hits.astype(np.int64)


def calibration_table(actual: NDArray[np.int64], probability: Floats) -> pd.DataFrame:
    """The calibration table: one row for each bin of probability that is not empty.

    Returns:
        Columns `low` and `high`, the bin's bounds; `rows`; `probability`, the mean predicted one;
        `observed`, the share of rows in which the class came true.
    """
    table = (
        pd.DataFrame({"bin": bins(probability), "probability": probability, "observed": actual})
        .groupby("bin", as_index=False)
        .agg(
            rows=("observed", "size"),
            probability=("probability", "mean"),
            observed=("observed", "mean"),
        )
    )
    table.insert(0, "low", table["bin"] / BINS)
    table.insert(1, "high", (table["bin"] + 1) / BINS)
    return table.drop(columns="bin")


def bins(probability: Floats) -> NDArray[np.int64]:
    """The bin of each probability, 0 to 9, shape (n,)."""
    return np.minimum((probability * BINS).astype(np.int64), BINS - 1)


def calibration_error(table: pd.DataFrame) -> float:
    """The expected calibration error of a calibration table, 0 to 1."""
    distance = (table["probability"] - table["observed"]).abs()
    return float(np.average(distance, weights=table["rows"]))


def null_calibration_error(probability: Floats, confidence: float) -> float:
    """The calibration error that calibrated probabilities exceed with 1 - `confidence`.

    Outcomes are drawn from the probabilities themselves, always with the same seed (consistency
    resampling; Bröcker and Smith, Weather and Forecasting 22, 2007).

    Args:
        probability: shape (n,).
        confidence: the quantile of the null distribution, 0 to 1.
    """
    random = np.random.default_rng(NULL_SEED)
    places = bins(probability)
    expected = np.bincount(places, probability, BINS)
    errors = []
    for _ in range(NULL_DRAWS):
        drawn = np.bincount(places, random.random(len(probability)) < probability, BINS)
        errors.append(np.abs(drawn - expected).sum() / len(probability))
    return float(np.quantile(errors, confidence))


def log_losses(actual: NDArray[np.int64], probability: Floats) -> Floats:
    """-ln of the probability of the true class for each row, shape (n,); 0.001 to 6.9."""
    clipped = np.clip(probability, PAIRED_CLIP, 1 - PAIRED_CLIP)
    if probability.ndim == 2:
        of_true_class = clipped[np.arange(len(actual)), actual]
    else:
        of_true_class = np.where(actual == 1, clipped, 1 - clipped)
    losses: Floats = -np.log(of_true_class)
    return losses


def base_rate(actual: NDArray[np.int64], classes: int = 2) -> Floats:
    """The class frequencies as the probabilities of every row, of so many classes."""
    shares = np.bincount(actual, minlength=classes) / len(actual)
    return np.tile(shares, (len(actual), 1)) if classes > 2 else np.full(len(actual), shares[1])


def skill(actual: NDArray[np.int64], probability: Floats) -> float:
    """Share of the base rate's log loss that the probabilities save: at most 1, 0 if none.

    McFadden's pseudo R squared (in Zarembka, Frontiers in Econometrics, 1974); 0 where all
    outcomes are of one class.
    """
    classes = probability.shape[1] if probability.ndim == 2 else 2
    base = log_losses(actual, base_rate(actual, classes)).mean()
    if actual.min() == actual.max():
        return 0.0
    return float(1 - log_losses(actual, probability).mean() / base)
