"""Prometheus is told the confusion matrix, and how well each class is predicted."""

import math

import pytest
from prometheus_client import CollectorRegistry

from monitoring.metrics.performance import PerformanceMetrics
from monitoring.windows.confusion_matrix import Performance
from tests.monitoring.builders import a_summary

# By outcome, then by prediction: as in scikit-learn's confusion_matrix.
COUNTS = ((50, 10), (5, 35))


def registry_of(performance: Performance) -> CollectorRegistry:
    registry = CollectorRegistry()
    PerformanceMetrics(registry).measured(a_summary(0).measured(performance))
    return registry


def test_rows_by_prediction_and_outcome() -> None:
    registry = registry_of(Performance(COUNTS))
    for outcome in (0, 1):
        for predicted in (0, 1):
            labels = {"predicted": str(predicted), "outcome": str(outcome)}
            rows = registry.get_sample_value("intent_confusion_rows", labels)
            assert rows == COUNTS[outcome][predicted]


@pytest.mark.parametrize(
    ("name", "of", "value"),
    [
        ("precision", 0, 50 / 55),
        ("recall", 0, 50 / 60),
        ("f1", 0, 100 / 115),
        ("precision", 1, 35 / 45),
        ("recall", 1, 35 / 40),
        ("f1", 1, 70 / 85),
    ],
)
def test_quality_of_a_class(name: str, of: int, value: float) -> None:
    found = registry_of(Performance(COUNTS)).get_sample_value(
        f"intent_class_{name}", {"class": str(of)}
    )
    assert found == pytest.approx(value)


def test_quality_of_a_class_that_nobody_was_predicted_to_be_of_is_undefined() -> None:
    found = registry_of(Performance(((5, 0), (5, 0)))).get_sample_value(
        "intent_class_precision", {"class": "1"}
    )
    assert found is not None
    assert math.isnan(found)
