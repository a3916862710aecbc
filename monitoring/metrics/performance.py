"""Metrics of performance: estimated, measured on outcomes, and of champion and shadow."""

from collections.abc import Sequence
from math import nan
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Gauge

from contract.events import ShadowComparison
from contract.schema.classes import Classes
from contract.schema.task import Task
from monitoring.performance_estimation.interval import ConfidenceInterval
from monitoring.windows.confusion_matrix import ConfusionMatrix
from monitoring.windows.summary import WindowSummary

UNDEFINED: Final = ConfidenceInterval(nan, nan, nan)

SCORES = (("precision", "Precision"), ("recall", "Recall"), ("f1", "F1 score"))


class PerformanceMetrics(Protocol):
    """Performance of the champion."""

    def set_estimate(self, summary: WindowSummary) -> None:
        """Sets the estimated accuracy, if the window has one."""

    def set_measured(self, summary: WindowSummary) -> None:
        """Sets the performance that was measured on outcomes."""


def performance_metrics(registry: CollectorRegistry, task: Task) -> PerformanceMetrics:
    """The metrics of this kind of target."""
    if isinstance(task, Classes):
        return ClassMetrics(registry, task)
    return RegressionMetrics(registry)


class ClassMetrics:
    """Performance of the champion of a target with classes."""

    def __init__(self, registry: CollectorRegistry, classes: Classes) -> None:
        self._classes = classes
        self._labelled_rows = _labelled_rows(registry)
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
            _set_bounds(self._estimate, summary.estimated_accuracy)
            self._estimate.labels("value").set(summary.estimated_accuracy.value)

    def set_measured(self, summary: WindowSummary) -> None:
        """Sets the performance that was measured on outcomes."""
        self._labelled_rows.set(summary.labelled_rows)
        if summary.accuracy_interval is not None:
            _set_bounds(self._interval, summary.accuracy_interval)
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


class RegressionMetrics:
    """Performance of the champion of a numeric target, in the target's unit."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, documentation: str, *labels: str) -> Gauge:
            return Gauge(f"intent_{name}", documentation, labels, registry=registry)

        bound = "Bounds of the 95 % interval of the {}, low and high."
        self._labelled_rows = _labelled_rows(registry)
        self._rows = gauge(
            "regression_rows", "Labelled rows that errors are measured on, a sample."
        )
        self._with_bounds = {
            "mae": (
                gauge(
                    "mean_absolute_error",
                    "Mean absolute error on the rows with an outcome, in the target's unit.",
                ),
                gauge("mean_absolute_error_bound", bound.format("mean absolute error"), "bound"),
            ),
            "bias": (
                gauge(
                    "mean_error",
                    "Mean of prediction minus outcome, in the target's unit: above 0 if "
                    "predictions are too large.",
                ),
                gauge("mean_error_bound", bound.format("mean error"), "bound"),
            ),
            "coverage": (
                gauge(
                    "interval_coverage_ratio",
                    "Share of the outcomes inside their prediction interval.",
                ),
                gauge(
                    "interval_coverage_bound_ratio",
                    bound.format("share of outcomes inside their prediction interval"),
                    "bound",
                ),
            ),
        }
        self._scores = {
            "rmse": gauge(
                "root_mean_squared_error", "Root of the mean squared error, in the target's unit."
            ),
            "r2": gauge(
                "r_squared",
                "Share of the outcomes' variance that is explained, at most 1.",
            ),
            "interval_width": gauge(
                "interval_width", "Mean width of the prediction intervals, in the target's unit."
            ),
        }

    def set_estimate(self, summary: WindowSummary) -> None:
        """Numbers have no estimate."""

    def set_measured(self, summary: WindowSummary) -> None:
        """Sets the performance that was measured on outcomes."""
        self._labelled_rows.set(summary.labelled_rows)
        scores = summary.regression
        if scores is None:
            return
        self._rows.set(scores.rows)
        for name, (value, bounds) in self._with_bounds.items():
            interval = getattr(scores, name) or UNDEFINED
            value.set(interval.value)
            _set_bounds(bounds, interval)
        for name, gauge in self._scores.items():
            gauge.set(_or_nan(getattr(scores, name)))


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


def _labelled_rows(registry: CollectorRegistry) -> Gauge:
    return Gauge(
        "intent_labelled_rows",
        "Rows with prediction and outcome, in the newest window with enough labelled rows.",
        registry=registry,
    )


def _set_bounds(gauge: Gauge, interval: ConfidenceInterval) -> None:
    gauge.labels("low").set(interval.low)
    gauge.labels("high").set(interval.high)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
