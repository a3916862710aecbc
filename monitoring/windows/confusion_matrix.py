"""Outcomes by predicted class -> accuracy, precision, recall and F1 of a window. Pure."""

from dataclasses import dataclass

from monitoring.performance_estimation.interval import ConfidenceInterval, wilson_interval


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Scores of one class. A score is None where it is undefined."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """The labelled rows of a window. A score is None where it is undefined.

    Scores are defined as in scikit-learn. With two classes, precision, recall and F1 are those of
    the second; with more, the mean over the classes for which they are defined.

    Attributes:
        counts: Rows by outcome, then by predicted class, in the order of the classes.
    """

    counts: tuple[tuple[int, ...], ...] = ((0, 0), (0, 0))

    @property
    def rows(self) -> int:
        """Labelled rows."""
        return sum(map(sum, self.counts))

    @property
    def correct(self) -> int:
        """Rows whose predicted class is the outcome."""
        return sum(row[code] for code, row in enumerate(self.counts))

    @property
    def accuracy(self) -> float | None:
        """Share of correct predictions."""
        return _ratio(self.correct, self.rows)

    @property
    def accuracy_interval(self) -> ConfidenceInterval | None:
        """The accuracy with its 95 % Wilson interval."""
        return wilson_interval(self.correct, self.rows)

    @property
    def precision(self) -> float | None:
        """Share of correct predictions among those of a class."""
        return self._mean([scores.precision for scores in self._averaged()])

    @property
    def recall(self) -> float | None:
        """Share of correct predictions among the rows of a class."""
        return self._mean([scores.recall for scores in self._averaged()])

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        return self._mean([scores.f1 for scores in self._averaged()])

    @property
    def class_scores(self) -> list[ClassScores]:
        """Scores of each class, in the order of the classes."""
        scores = []
        for code, row in enumerate(self.counts):
            correct, predicted, actual = (
                row[code],
                sum(each[code] for each in self.counts),
                sum(row),
            )
            scores.append(
                ClassScores(
                    _ratio(correct, predicted),
                    _ratio(correct, actual),
                    _ratio(2 * correct, predicted + actual),
                )
            )
        return scores

    def _averaged(self) -> list[ClassScores]:
        """The classes over which scores are averaged."""
        return self.class_scores[1:] if len(self.counts) == 2 else self.class_scores

    @staticmethod
    def _mean(scores: list[float | None]) -> float | None:
        defined = [score for score in scores if score is not None]
        return sum(defined) / len(defined) if defined else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
