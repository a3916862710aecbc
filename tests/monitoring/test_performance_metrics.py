"""Metrics of the confusion matrix and of each class."""

import math

import pytest
from prometheus_client import CollectorRegistry

from contract.schema import CARS
from monitoring.metrics.performance import ClassMetrics
from monitoring.windows.confusion_matrix import ConfusionMatrix
from tests.monitoring.builders import a_summary

# By outcome, then by prediction: as in scikit-learn's confusion_matrix.
COUNTS = ((50, 10), (5, 35))


def registry_of(matrix: ConfusionMatrix) -> CollectorRegistry:
    registry = CollectorRegistry()
    ClassMetrics(registry, CARS.classes).set_measured(a_summary(0).with_confusion_matrix(matrix))
    return registry


def test_rows_by_prediction_and_outcome() -> None:
    registry = registry_of(ConfusionMatrix(COUNTS))
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
def test_scores_of_a_class(name: str, of: int, value: float) -> None:
    value_of = registry_of(ConfusionMatrix(COUNTS)).get_sample_value(
        f"intent_class_{name}", {"class": str(of)}
    )
    assert value_of == pytest.approx(value)


def test_precision_of_a_class_that_was_never_predicted_is_undefined() -> None:
    value_of = registry_of(ConfusionMatrix(((5, 0), (5, 0)))).get_sample_value(
        "intent_class_precision", {"class": "1"}
    )
    assert value_of is not None
    assert math.isnan(value_of)
