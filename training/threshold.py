"""Chooses the decision threshold of two classes for the costs of wrong predictions. Pure."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contract.schema.task import DEFAULT_THRESHOLD, Floats

REQUIRED_ERRORS: Final = 1.0
"""Standard errors by which a threshold must be better than that of calibrated probabilities.
Decision 26 compares values."""


@dataclass(frozen=True)
class Costs:
    """What a wrong prediction of two classes costs, in any unit.

    Attributes:
        false_positive: cost of predicting the positive class wrongly, above 0.
        false_negative: cost of missing the positive class, above 0.
    """

    false_positive: float = 1.0
    false_negative: float = 1.0

    @property
    def equal(self) -> bool:
        """Whether both cost the same; the cost then is that of the error rate."""
        return self.false_positive == self.false_negative

    @property
    def calibrated_threshold(self) -> float:
        """The optimal threshold if the probabilities are calibrated (Elkan, IJCAI 2001)."""
        return self.false_positive / (self.false_positive + self.false_negative)

    def of_rows(self, actual: NDArray[np.int64], probability: Floats, threshold: float) -> Floats:
        """The cost of each row's prediction, shape (n,).

        Args:
            actual: class codes, 0 or 1, shape (n,).
            probability: of class 1, shape (n,).
            threshold: above it, class 1 is predicted.
        """
        positive = probability > threshold
        costs: Floats = np.where(
            actual == 1,
            np.where(positive, 0.0, self.false_negative),
            np.where(positive, self.false_positive, 0.0),
        )
        return costs


EQUAL_COSTS: Final = Costs()


def choose_threshold(actual: NDArray[np.int64], probability: Floats, costs: Costs) -> float:
    """Chooses the threshold on rows that the model was not fitted on.

    It is the optimal one of calibrated probabilities, unless the cheapest one on these rows is
    better by `REQUIRED_ERRORS`: with few positives, the cheapest one depends on single rows. With
    equal costs it is 0.5, as in scikit-learn's `predict`.

    Args:
        actual: class codes of the rows, 0 or 1, shape (n,).
        probability: the model's probabilities of class 1, shape (n,).
        costs: of wrong predictions.

    Returns:
        The threshold, from 0 to 1.
    """
    if costs.equal:
        return DEFAULT_THRESHOLD
    expected, cheapest = costs.calibrated_threshold, cheapest_threshold(actual, probability, costs)
    saved = costs.of_rows(actual, probability, expected) - costs.of_rows(
        actual, probability, cheapest
    )
    error = float(saved.std(ddof=1)) / sqrt(len(saved))
    return cheapest if saved.mean() > REQUIRED_ERRORS * error else expected


def cheapest_threshold(actual: NDArray[np.int64], probability: Floats, costs: Costs) -> float:
    """The threshold of the lowest total cost: halfway between two of the probabilities."""
    order = np.argsort(probability, kind="stable")
    ordered, positives = probability[order], actual[order] == 1
    # cost if the first 0, 1, ..., n rows are predicted negative and the others positive
    missed = np.concatenate([[0], np.cumsum(positives)]) * costs.false_negative
    wrong = np.concatenate([[0], np.cumsum(~positives)])
    total = missed + (wrong[-1] - wrong) * costs.false_positive
    bounds = np.concatenate([[0.0], ordered, [1.0]])
    # equal probabilities cannot be separated, nor can the row of a probability 0 or 1 from a bound
    separable = bounds[1:] > bounds[:-1]
    separable[-1] = True  # no probability is above 1
    place = int(np.where(separable, total, np.inf).argmin())
    return float((bounds[place] + bounds[place + 1]) / 2)
