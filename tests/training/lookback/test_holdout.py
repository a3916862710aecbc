"""The held-out rows are the same in every training."""

import numpy as np
import pandas as pd
import pytest

from contract.schema import CARS
from training.lookback.holdout import holdout_mask
from training.train import TrainingParams, train


def test_row_is_held_out_whatever_other_rows_there_are(
    rows_of_data_set: pd.DataFrame,
) -> None:
    every = rows_of_data_set[holdout_mask(rows_of_data_set, 0.25, 20, CARS)]
    part = rows_of_data_set.sample(300, random_state=1)
    some = part[holdout_mask(part, 0.25, 20, CARS)]
    assert set(some["id"]) == set(every["id"]) & set(part["id"])


def test_ratio_and_seed_determine_how_many_rows_and_which(rows_of_data_set: pd.DataFrame) -> None:
    masks = [holdout_mask(rows_of_data_set, 0.25, seed, CARS) for seed in (20, 21)]
    for mask in masks:
        assert mask.mean() == pytest.approx(0.25, abs=0.04)
    assert not np.array_equal(masks[0], masks[1])
    assert not (masks[0] & ~holdout_mask(rows_of_data_set, 0.3, 20, CARS)).any()


def test_rows_of_one_id_are_on_one_side(rows_of_data_set: pd.DataFrame) -> None:
    same = rows_of_data_set.assign(id="one")
    assert holdout_mask(same, 0.25, 20, CARS).mean() in (0.0, 1.0)


def test_challenger_is_scored_on_rows_that_the_champion_was_not_fitted_on(
    rows_of_data_set: pd.DataFrame,
) -> None:
    params = TrainingParams(CARS, "logistic", 20, 0.25, 200)
    stream = rows_of_data_set.assign(source="stream")
    first = stream.head(600)
    fitted_by_champion = first[~holdout_mask(first, 0.25, 20, CARS)]
    held_out = train(stream.tail(600), params).held_out
    keys = ["Gender", "Age", "AnnualSalary"]
    expected = stream.tail(600)[holdout_mask(stream.tail(600), 0.25, 20, CARS)]
    np.testing.assert_array_equal(
        held_out[keys].to_numpy(), expected[keys].tail(len(held_out)).to_numpy()
    )
    assert not set(expected["id"]) & set(fitted_by_champion["id"])
