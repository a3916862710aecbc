"""A confusion matrix -> accuracy, precision, recall and F1. Pure."""

from dataclasses import dataclass

from monitoring.performance_estimation.interval import Interval, wilson


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """Of one class; a figure is None where undefined."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Performance:
    """The rows whose outcome is known; a figure is None where undefined.

    Definitions: scikit-learn's. Of two classes, those of the latter; of several, the mean of all
    for which it is defined.

    Attributes:
        counts: rows by the place of the class that came, then of the one that was predicted.
    """

    counts: tuple[tuple[int, ...], ...] = ((0, 0), (0, 0))

    @property
    def labelled(self) -> int:
        """Rows whose outcome is known."""
        return sum(map(sum, self.counts))

    @property
    def right(self) -> int:
        """Those of them that were predicted."""
        return sum(row[place] for place, row in enumerate(self.counts))

    @property
    def accuracy(self) -> float | None:
        """Share of right predictions."""
        return _ratio(self.right, self.labelled)

    @property
    def accuracy_interval(self) -> Interval | None:
        """The same with the 95 % bounds that this many rows allow."""
        return wilson(self.right, self.labelled)

    @property
    def precision(self) -> float | None:
        """Share of a class among those predicted to be of it."""
        return self._mean([each.precision for each in self._counting()])

    @property
    def recall(self) -> float | None:
        """Share predicted to be of a class among those that are."""
        return self._mean([each.recall for each in self._counting()])

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        return self._mean([each.f1 for each in self._counting()])

    @property
    def by_class(self) -> list[ClassQuality]:
        """Of each class, by its place."""
        found = []
        for place, row in enumerate(self.counts):
            hits, claims, cases = row[place], sum(each[place] for each in self.counts), sum(row)
            figures = _ratio(hits, claims), _ratio(hits, cases), _ratio(2 * hits, claims + cases)
            found.append(ClassQuality(*figures))
        return found

    def _counting(self) -> list[ClassQuality]:
        """Of the classes that the figures are of."""
        return self.by_class[1:] if len(self.counts) == 2 else self.by_class

    @staticmethod
    def _mean(figures: list[float | None]) -> float | None:
        known = [figure for figure in figures if figure is not None]
        return sum(known) / len(known) if known else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
