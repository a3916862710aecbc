"""The rows that no model is fitted on are the same in every training."""

import numpy as np
import pandas as pd
import pytest

from training.recent.held_out import held_out
from training.train import Told, learn


def test_row_that_is_held_out_is_so_whatever_rows_are_beside_it(
    rows_of_data_set: pd.DataFrame,
) -> None:
    every = rows_of_data_set[held_out(rows_of_data_set, 0.25, 20)]
    part = rows_of_data_set.sample(300, random_state=1)
    some = part[held_out(part, 0.25, 20)]
    assert set(some["id"]) == set(every["id"]) & set(part["id"])


def test_share_and_seed_say_how_many_and_which(rows_of_data_set: pd.DataFrame) -> None:
    masks = [held_out(rows_of_data_set, 0.25, seed) for seed in (20, 21)]
    for mask in masks:
        assert mask.mean() == pytest.approx(0.25, abs=0.04)
    assert not np.array_equal(masks[0], masks[1])
    assert not (masks[0] & ~held_out(rows_of_data_set, 0.3, 20)).any()


def test_rows_of_one_id_are_on_one_side(rows_of_data_set: pd.DataFrame) -> None:
    same = rows_of_data_set.assign(id="one")
    assert held_out(same, 0.25, 20).mean() in (0.0, 1.0)


def test_challenger_is_judged_on_rows_that_the_champion_was_not_fitted_on(
    rows_of_data_set: pd.DataFrame,
) -> None:
    told = Told("logistic", 20, 0.25, 200)
    stream = rows_of_data_set.assign(source="stream")
    first = stream.head(600)
    fitted_by_champion = first[~held_out(first, 0.25, 20)]
    judged = learn(stream.tail(600), told).held_out
    keys = ["Gender", "Age", "AnnualSalary"]
    own = stream.tail(600)[held_out(stream.tail(600), 0.25, 20)]
    np.testing.assert_array_equal(judged[keys].to_numpy(), own[keys].tail(len(judged)).to_numpy())
    assert not set(own["id"]) & set(fitted_by_champion["id"])
