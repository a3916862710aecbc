"""Metrics of performance: estimated, measured on outcomes, and of champion and shadow."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from contract.events import ShadowComparison
from contract.schema.classes import Classes
from monitoring.performance_estimation.interval import ConfidenceInterval
from monitoring.windows.confusion_matrix import ConfusionMatrix
from monitoring.windows.summary import WindowSummary

SCORES = (("precision", "Precision"), ("recall", "Recall"), ("f1", "F1 score"))


class PerformanceMetrics:
    """Performance of the champion."""

    def __init__(self, registry: CollectorRegistry, classes: Classes) -> None:
        self._classes = classes

        self._labelled_rows = Gauge(
            "intent_labelled_rows",
            "Rows with prediction and outcome, in the newest window with enough labelled rows.",
            registry=registry,
        )
        self._scores = {
            name: Gauge(f"intent_{name}", f"{text} on the rows with an outcome.", registry=registry)
            for name, text in (("accuracy", "Accuracy"), *SCORES)
        }
        self._interval = Gauge(
            "intent_accuracy_bound",
            "Bounds of the 95 % interval of the accuracy, low and high.",
            ["bound"],
            registry=registry,
        )
        self._confusion = Gauge(
            "intent_confusion_rows",
            "Rows with an outcome, by predicted class and outcome.",
            ["predicted", "outcome"],
            registry=registry,
        )
        self._class_scores = {
            name: Gauge(
                f"intent_class_{name}",
                f"{text} of a class on the rows with an outcome. NaN where undefined.",
                ["class"],
                registry=registry,
            )
            for name, text in SCORES
        }
        self._estimate = Gauge(
            "intent_estimated_accuracy",
            "Accuracy estimated from the probabilities of the newest window with a report (value), "
            "and its 95 % interval (low and high).",
            ["bound"],
            registry=registry,
        )

    def set_estimate(self, summary: WindowSummary) -> None:
        """Sets the estimated accuracy, if the window has one."""
        if summary.estimated_accuracy is not None:
            self._set_bounds(self._estimate, summary.estimated_accuracy)
            self._estimate.labels("value").set(summary.estimated_accuracy.value)

    def set_measured(self, summary: WindowSummary) -> None:
        """Sets the performance that was measured on outcomes."""
        self._labelled_rows.set(summary.labelled_rows)
        if summary.accuracy_interval is not None:
            self._set_bounds(self._interval, summary.accuracy_interval)
        for name, gauge in self._scores.items():
            gauge.set(_or_nan(getattr(summary, name)))
        if summary.confusion_matrix is not None:
            self._set_classes(summary.confusion_matrix)

    def _set_classes(self, matrix: ConfusionMatrix) -> None:
        for outcome, row in zip(self._classes.values, matrix.counts, strict=True):
            for predicted, rows in zip(self._classes.values, row, strict=True):
                self._confusion.labels(predicted, outcome).set(rows)
        for name, gauge in self._class_scores.items():
            for class_, scores in zip(self._classes.values, matrix.class_scores, strict=True):
                gauge.labels(class_).set(_or_nan(getattr(scores, name)))

    @staticmethod
    def _set_bounds(gauge: Gauge, interval: ConfidenceInterval) -> None:
        gauge.labels("low").set(interval.low)
        gauge.labels("high").set(interval.high)


class ShadowMetrics:
    """Champion and shadow on the same records, of the newest pair of versions."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str, *labels: str) -> Gauge:
            return Gauge(name, documentation, ["champion", "shadow", *labels], registry=registry)

        self._rows = gauge(
            "intent_shadow_rows",
            "Records in the latest windows that champion and shadow both predicted.",
        )
        self._disagreement = gauge(
            "intent_shadow_disagreement",
            "Ratio of records for which champion and shadow predicted different classes.",
        )
        self._labelled_rows = gauge(
            "intent_shadow_labelled_rows",
            "Records that champion and shadow both predicted, with an outcome.",
        )
        self._accuracy = gauge(
            "intent_shadow_accuracy",
            "Accuracy of champion or shadow (role) on labelled records that both predicted.",
            "role",
        )

    def set_comparisons(self, comparisons: Sequence[ShadowComparison]) -> None:
        """Sets the metrics from the comparisons of the latest windows, the oldest first."""
        for gauge in (self._rows, self._disagreement, self._labelled_rows, self._accuracy):
            gauge.clear()
        if not comparisons:
            return
        pair = comparisons[-1].champion_version, comparisons[-1].shadow_version
        of_pair = [
            each for each in comparisons if (each.champion_version, each.shadow_version) == pair
        ]
        rows = sum(each.rows for each in of_pair)
        labelled_rows = sum(each.labelled_rows for each in of_pair)
        self._rows.labels(*pair).set(rows)
        self._disagreement.labels(*pair).set(sum(each.disagreements for each in of_pair) / rows)
        self._labelled_rows.labels(*pair).set(labelled_rows)
        if labelled_rows:
            both = sum(each.both_correct for each in of_pair)
            for role, alone in (
                ("champion", sum(each.champion_only_correct for each in of_pair)),
                ("shadow", sum(each.shadow_only_correct for each in of_pair)),
            ):
                self._accuracy.labels(*pair, role).set((both + alone) / labelled_rows)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
