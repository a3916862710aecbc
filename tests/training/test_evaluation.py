"""Scores against values worked out by hand."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from contract.errors import BadDataset
from contract.schema import CARS
from training.evaluation import calibration_error, calibration_table, scores

ACTUAL = np.array([0, 0, 1, 1])
PROBABILITY = np.array([0.1, 0.6, 0.4, 0.9])


def test_scores_are_those_worked_out_by_hand() -> None:
    assert asdict(scores(ACTUAL, PROBABILITY, CARS.classes)) == {
        "accuracy": 0.5,  # right about the first and the last
        "precision": 0.5,  # of two predicted to buy one did
        "recall": 0.5,  # of two that bought one was predicted
        "f1": 0.5,
        "roc_auc": 0.75,  # of four pairs three are in order
        "log_loss": pytest.approx(-np.log(0.9 * 0.4 * 0.4 * 0.9) / 4),
        "brier": pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4),
        "calibration_error": pytest.approx((0.1 + 0.6 + 0.6 + 0.1) / 4),
    }


def test_one_half_is_no_purchase_and_no_predicted_buyer_is_a_precision_of_0() -> None:
    result = scores(ACTUAL, np.full(4, 0.5), CARS.classes)
    assert (result.accuracy, result.precision, result.recall, result.f1) == (0.5, 0, 0, 0)


def test_mistake_made_for_sure_costs_much_but_not_infinitely() -> None:
    assert scores(ACTUAL, 1.0 - ACTUAL, CARS.classes).log_loss == pytest.approx(34.5, abs=0.05)


def test_outcomes_all_alike_cannot_be_scored() -> None:
    with pytest.raises(BadDataset, match="the 3 held-out rows lack a class"):
        scores(np.ones(3, dtype=int), np.array([0.1, 0.2, 0.3]), CARS.classes)


def test_calibration_table_has_a_row_for_each_bin_with_customers() -> None:
    actual = np.array([0, 1, 1, 1, 1])
    table = calibration_table(actual, np.array([0.31, 0.39, 0.35, 0.95, 1.0]))
    assert table.to_dict("list") == {
        "low": [0.3, 0.9],
        "high": [0.4, 1.0],
        "rows": [3, 2],
        "probability": [pytest.approx(0.35), pytest.approx(0.975)],
        "observed": [pytest.approx(2 / 3), 1.0],
    }
    assert calibration_error(table) == pytest.approx((3 * (2 / 3 - 0.35) + 2 * 0.025) / 5)


def test_true_probabilities_are_well_calibrated_and_exaggerated_ones_are_not() -> None:
    random = np.random.default_rng(5)
    true = random.random(20_000)
    actual = (random.random(20_000) < true).astype(int)
    exaggerated = true**3 / (true**3 + (1 - true) ** 3)
    assert scores(actual, true, CARS.classes).calibration_error < 0.02
    assert scores(actual, exaggerated, CARS.classes).calibration_error > 0.1


@given(
    st.integers(1, 60).flatmap(
        lambda count: st.tuples(
            arrays.arrays(np.int64, count, elements=st.integers(0, 1)),
            arrays.arrays(np.float64, count, elements=st.floats(0, 1)),
        )
    )
)
def test_every_customer_is_in_the_bin_of_its_probability(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    actual, probability = pair
    table: pd.DataFrame = calibration_table(actual, probability)
    assert table["rows"].sum() == len(actual)
    assert (table["rows"] * table["observed"]).sum() == pytest.approx(actual.sum())
    assert (table["probability"] >= table["low"] - 1e-9).all()
    assert (table["probability"] <= table["high"] + 1e-9).all()
    assert 0 <= calibration_error(table) <= 1
