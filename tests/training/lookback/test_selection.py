"""Look-back selection: the lookback that fits the newest labels best."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.drift.streams import frame
from contract.schema import CARS
from data.population import DATA_SET, Population, RandomStreams
from training.lookback import rows as training_rows
from training.lookback.selection import lookback_lengths
from training.train import TrainingParams, TrainingResult, outputs, train

PARAMS = TrainingParams(
    CARS, "logistic", random_state=20, held_out_ratio=0.25, evaluation_rows=1_000
)
MOVED = Population(concept_shift=3)


def rows(population: Population, count: int, source: str, seed: int) -> pd.DataFrame:
    sample = frame(population.sample(count, RandomStreams.spawn(np.random.default_rng(seed))))
    names = [f"{seed}-{number}" for number in range(count)]
    return sample.assign(source=source, id=names, event_time=0)[list(training_rows.columns(CARS))]


DATA = rows(DATA_SET, 1_000, training_rows.DATA_SET, 1)


def trained(*stream: pd.DataFrame) -> TrainingResult:
    return train(pd.concat([DATA, *stream], ignore_index=True), PARAMS)


def test_lookbacks_grow_from_the_newest_rows_to_all() -> None:
    assert lookback_lengths(4_000, 20_000, 21_000) == [4_000, 20_000, 21_000]
    assert lookback_lengths(1_000, 20_000, 21_000) == [1_000, 4_000, 20_000, 21_000]
    assert lookback_lengths(600, 600, 1_600) == [600, 1_600]


def test_all_rows_are_used_if_nothing_has_drifted() -> None:
    assert trained(rows(DATA_SET, 3_000, "stream", 2)).rows == 4_000


def test_data_set_is_not_used_if_the_target_has_drifted() -> None:
    assert trained(rows(MOVED, 3_000, "stream", 2)).rows == 3_000


def test_only_the_newest_rows_are_used_if_the_target_drifted_within_the_stream() -> None:
    result = trained(rows(DATA_SET, 5_000, "stream", 2), rows(MOVED, 1_000, "stream", 3))
    assert result.rows == 1_000
    assert [lookback.rows for lookback in result.lookbacks] == [1_000, 6_000, 7_000]
    assert result.lookbacks[0].loss < result.lookbacks[1].loss < 1  # type: ignore[operator]


def test_model_trained_after_drift_is_better_on_the_new_target() -> None:
    truth = rows(MOVED, 20_000, "stream", 9)
    result = trained(rows(MOVED, 3_000, "stream", 2))
    old = train(DATA, PARAMS)
    actual = truth[CARS.target.name].to_numpy()
    new, before = (
        ((outputs(fitted.model, truth, CARS) > 0.5) == actual).mean() for fitted in (result, old)
    )
    assert new > before + 0.05


def test_reference_set_is_the_newest_window_with_out_of_fold_predictions() -> None:
    newest = rows(Population(age_shift=9), 1_000, "stream", 3)
    result = trained(rows(DATA_SET, 2_000, "stream", 2), newest)
    assert result.rows == 4_000
    names = [*CARS.features, CARS.target.name]
    pd.testing.assert_frame_equal(result.reference[names], newest[names].reset_index(drop=True))
    assert list(result.reference)[-2:] == ["prediction", "probability"]


def test_held_out_rows_of_the_newest_window_are_the_last_ones() -> None:
    newest = rows(Population(age_shift=60), 1_000, "stream", 3)
    result = trained(rows(DATA_SET, 2_000, "stream", 2), newest)
    assert result.newest == pytest.approx(250, abs=50)
    ages = result.held_out[CARS.features[1]].to_numpy()
    assert ages[-result.newest :].min() > ages[: -result.newest].mean()
    assert (ages[-result.newest :] > 63).mean() > 0.9
    assert (ages[: -result.newest] <= 63).all()


def test_without_enough_rows_of_each_class_no_lookback_is_selected() -> None:
    poor = rows(DATA_SET, 3_000, "stream", 2)
    refusing = poor[poor[CARS.target.name] == 0].head(1_000)
    assert trained(refusing).rows == 2_000
