"""How right the predictions are: as expected of the newest window, and as outcomes have it."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from contract.classes import CLASSES
from contract.events import ShadowComparison
from monitoring.performance_estimation.interval import Interval
from monitoring.windows.confusion_matrix import Performance
from monitoring.windows.summary import Summary


class PerformanceMetrics:
    """Accuracy and its like."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._labelled = Gauge(
            "intent_labelled_rows",
            "Rows whose prediction and outcome are known.",
            registry=registry,
        )
        self._performance = {
            name: Gauge(f"intent_{name}", f"{text} where outcomes are known.", registry=registry)
            for name, text in (
                ("accuracy", "Accuracy"),
                ("precision", "Precision"),
                ("recall", "Recall"),
                ("f1", "F1 score"),
            )
        }
        self._interval = Gauge(
            "intent_accuracy_bound",
            "Bounds of the 95 % interval of the accuracy where outcomes are known.",
            ["bound"],
            registry=registry,
        )
        self._confusion = Gauge(
            "intent_confusion_rows",
            "Rows by the class that was predicted and the outcome.",
            ["predicted", "outcome"],
            registry=registry,
        )
        self._by_class = {
            name: Gauge(
                f"intent_class_{name}",
                f"{text} of a class where outcomes are known. NaN where undefined.",
                ["class"],
                registry=registry,
            )
            for name, text in (
                ("precision", "Precision"),
                ("recall", "Recall"),
                ("f1", "F1 score"),
            )
        }
        self._expected = Gauge(
            "intent_estimated_accuracy",
            "Accuracy that the newest window's probabilities let expect, and its 95 % interval.",
            ["bound"],
            registry=registry,
        )

    def expected(self, summary: Summary) -> None:
        """What the window's probabilities say, if they say anything."""
        if summary.expected_accuracy is not None:
            self._bounds(self._expected, summary.expected_accuracy)
            self._expected.labels("value").set(summary.expected_accuracy.value)

    def measured(self, summary: Summary) -> None:
        """What the window's outcomes say."""
        self._labelled.set(summary.labelled)
        if summary.accuracy_interval is not None:
            self._bounds(self._interval, summary.accuracy_interval)
        for name, gauge in self._performance.items():
            gauge.set(_number(getattr(summary, name)))
        if summary.outcomes is not None:
            self._classes(summary.outcomes)

    def _classes(self, outcomes: Performance) -> None:
        for outcome, row in zip(CLASSES, outcomes.counts, strict=True):
            for predicted, rows in zip(CLASSES, row, strict=True):
                self._confusion.labels(predicted, outcome).set(rows)
        for name, gauge in self._by_class.items():
            for of, quality in zip(CLASSES, outcomes.by_class, strict=True):
                gauge.labels(of).set(_number(getattr(quality, name)))

    @staticmethod
    def _bounds(gauge: Gauge, interval: Interval) -> None:
        gauge.labels("low").set(interval.low)
        gauge.labels("high").set(interval.high)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


class ShadowMetrics:
    """Of the newest pair of versions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str, *more: str) -> Gauge:
            return Gauge(name, documentation, ["champion", "shadow", *more], registry=registry)

        self._rows = gauge(
            "intent_shadow_rows",
            "Records of the kept windows that champion and shadow both predicted.",
        )
        self._disagreement = gauge(
            "intent_shadow_disagreement",
            "Share of the records that champion and shadow both predicted on which they differ.",
        )
        self._labelled = gauge(
            "intent_shadow_labelled_rows",
            "Records that champion and shadow both predicted and whose outcome is known.",
        )
        self._accuracy = gauge(
            "intent_shadow_accuracy",
            "Accuracy of champion or shadow on the records of both whose outcome is known.",
            "role",
        )

    def known(self, comparisons: Sequence[ShadowComparison]) -> None:
        """So champion and shadow compare in the kept windows, the oldest first."""
        for gauge in (self._rows, self._disagreement, self._labelled, self._accuracy):
            gauge.clear()
        if not comparisons:
            return
        pair = comparisons[-1].champion_version, comparisons[-1].shadow_version
        mine = [
            each for each in comparisons if (each.champion_version, each.shadow_version) == pair
        ]
        rows, labelled = sum(each.rows for each in mine), sum(each.labelled_rows for each in mine)
        self._rows.labels(*pair).set(rows)
        self._disagreement.labels(*pair).set(sum(each.disagreements for each in mine) / rows)
        self._labelled.labels(*pair).set(labelled)
        if labelled:
            both = sum(each.both_correct for each in mine)
            for of, alone in (
                ("champion", sum(each.champion_only_correct for each in mine)),
                ("shadow", sum(each.shadow_only_correct for each in mine)),
            ):
                self._accuracy.labels(*pair, of).set((both + alone) / labelled)
