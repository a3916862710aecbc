"""Drift scores -> a verdict. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from contract.features import CATEGORICAL, FEATURES, TARGET

PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on a column has drifted (docs/decisions/0005).

    Attributes:
        numerical: Wasserstein distance in standard deviations of the reference.
        categorical: Jensen-Shannon distance, 0 to 1.
        share: share of drifted feature columns from which on the data set has drifted.
    """

    numerical: float
    categorical: float
    share: float

    def of(self, column: str) -> float:
        """The threshold of a column."""
        labels = (*CATEGORICAL, PREDICTION, TARGET)
        return self.categorical if column in labels else self.numerical


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scores of a window say. `scores` has the features, the prediction and, if known,
    the target; the data set is the features alone.
    """

    scores: dict[str, float]
    drifted: frozenset[str]
    drifted_features: int
    share: float
    dataset: bool


def verdict(scores: Mapping[str, float], thresholds: Thresholds) -> Verdict:
    """Compares each column's score with its threshold."""
    drifted = frozenset(
        column for column, score in scores.items() if score >= thresholds.of(column)
    )
    features = [column for column in FEATURES if column in scores]
    count = sum(column in drifted for column in features)
    share = count / len(features) if features else 0.0
    return Verdict(dict(scores), drifted, count, share, bool(count) and share >= thresholds.share)
