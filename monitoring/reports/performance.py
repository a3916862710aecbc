"""A confusion matrix -> accuracy, precision, recall and F1. Pure."""

from dataclasses import dataclass

from monitoring.expected.interval import Interval, wilson


@dataclass(frozen=True, slots=True)
class Performance:
    """The confusion matrix of the rows whose outcome is known; a figure is None where undefined.

    Definitions: scikit-learn's, of the class 1.
    """

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0
    true_negatives: int = 0

    @property
    def labelled(self) -> int:
        """Rows whose outcome is known."""
        return (
            self.true_positives + self.false_positives + self.false_negatives + self.true_negatives
        )

    @property
    def accuracy(self) -> float | None:
        """Share of right predictions."""
        return _ratio(self.true_positives + self.true_negatives, self.labelled)

    @property
    def accuracy_interval(self) -> Interval | None:
        """The same with the 95 % bounds that this many rows allow."""
        return wilson(self.true_positives + self.true_negatives, self.labelled)

    @property
    def precision(self) -> float | None:
        """Share of buyers among those predicted to buy."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """Share of those predicted to buy among the buyers."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        wrong = self.false_positives + self.false_negatives
        return _ratio(2 * self.true_positives, 2 * self.true_positives + wrong)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
