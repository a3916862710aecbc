"""The decision threshold fits the stated costs, on rows that the model has not seen."""

import numpy as np
import pandas as pd
import pytest

from contract.errors import BadSetting
from contract.schema import CARS, Schema
from contract.schema.columns import Target
from contract.schema.task import DecisionRule
from training import train
from training.gate.gate import decide
from training.gate.types import Candidate, Champion, Thresholds
from training.lookback.rows import from_dataset
from training.threshold import Costs, choose_threshold
from training.train import TrainingParams, TrainingResult

COSTS = Costs(1.0, 5.0)


def draw(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes, and their true probabilities, rounded so that many are equal."""
    random = np.random.default_rng(seed)
    probability = random.beta(0.5, 2, rows).round(2)
    return (random.random(rows) < probability).astype(np.int64), probability


def total(actual: np.ndarray, probability: np.ndarray, threshold: float, costs: Costs) -> float:
    return float(costs.of_rows(actual, probability, threshold).sum())


def test_costs_count_false_positives_and_false_negatives_of_rows_above_the_threshold() -> None:
    actual, probability = np.array([0, 0, 1, 1]), np.array([0.3, 0.31, 0.3, 0.31])
    assert COSTS.of_rows(actual, probability, 0.3).tolist() == [0.0, 1.0, 5.0, 0.0]


def test_equal_costs_keep_one_half() -> None:
    actual, probability = draw(500, 1)
    assert choose_threshold(actual, probability**3, Costs(7.0, 7.0)) == 0.5


def test_calibrated_probabilities_get_the_threshold_of_the_costs() -> None:
    chosen = [choose_threshold(*draw(2_000, seed), COSTS) for seed in range(20)]
    assert sum(threshold == pytest.approx(1 / 6) for threshold in chosen) > 10


@pytest.mark.parametrize("seed", range(20))
def test_uncalibrated_probabilities_get_the_cheapest_threshold(seed: int) -> None:
    actual, probability = draw(300, seed)
    shifted = 0.7 + 0.3 * probability  # as class weights do
    chosen = choose_threshold(actual, shifted, COSTS)
    every = [0.0, *shifted.tolist(), 1.0]
    assert total(actual, shifted, chosen, COSTS) == min(
        total(actual, shifted, threshold, COSTS) for threshold in every
    )


@pytest.mark.parametrize("positive", [0, 1])
def test_one_class_alone_has_a_threshold(positive: int) -> None:
    actual, probability = np.full(50, positive), np.linspace(0, 1, 50)
    threshold = choose_threshold(actual, probability, COSTS)
    assert 0 <= threshold <= 1
    assert total(actual, probability, threshold, COSTS) <= 5.0  # nothing is above 1, or below 0


@pytest.fixture(scope="module")
def forest(rows: pd.DataFrame) -> TrainingResult:
    """It knows the rows that it was fitted on by heart."""
    params = TrainingParams(CARS, "random_forest", 20, 0.25, 4_000, costs=COSTS)
    return train.train(from_dataset(rows, CARS), params)


def test_threshold_is_chosen_on_held_out_rows_and_not_on_fitted_ones(
    forest: TrainingResult, rows: pd.DataFrame
) -> None:
    def chosen_on(frame: pd.DataFrame) -> float:
        probability = train.outputs(forest.model, frame, CARS)
        return choose_threshold(frame["Purchased"].to_numpy(), probability, COSTS)

    fitted = rows.drop(forest.held_out.index)
    assert len(fitted) + len(forest.held_out) == len(rows)
    assert forest.rule.threshold == chosen_on(forest.held_out)
    assert forest.rule.threshold != chosen_on(fitted)


def test_reference_set_is_predicted_with_the_threshold(forest: TrainingResult) -> None:
    expected = forest.reference["probability"] > forest.rule.threshold
    assert forest.reference["prediction"].tolist() == expected.astype(int).tolist()
    assert (forest.reference["probability"] > 0.5).sum() < expected.sum()


def test_costs_of_more_than_two_classes_are_a_bad_setting(forest: TrainingResult) -> None:
    target = Target("Purchased", classes=(0, 1, 2))
    schema = Schema("three", CARS.dataset, CARS.columns, target)
    params = TrainingParams(schema, "logistic", 20, 0.25, 4_000, costs=COSTS)
    with pytest.raises(BadSetting, match="INTENT_COST_FALSE_POSITIVE"):
        train.train(forest.reference, params)


@pytest.mark.parametrize(
    ("candidate_threshold", "champion_threshold", "passed"),
    [(1 / 6, 1 / 6, True), (1 / 6, 0.5, True), (0.5, 1 / 6, False)],
)
def test_gate_compares_the_cost_at_each_version_s_threshold(
    rows: pd.DataFrame, candidate_threshold: float, champion_threshold: float, passed: bool
) -> None:
    actual, probability = draw(1_000, 3)
    held_out = rows.head(1_000).assign(Purchased=actual)
    candidate = Candidate(
        CARS,
        held_out,
        probability,
        np.zeros(1_000, dtype=bool),
        held_out,
        row_microseconds=1.0,
        rule=DecisionRule(candidate_threshold),
        costs=COSTS,
    )
    champion = Champion("1", probability, 0.1, DecisionRule(champion_threshold))
    checks = {check.name: check for check in decide(candidate, champion, Thresholds()).checks}
    assert checks["cost"].passed is passed
