"""How far back rows are learnt from: what fits the newest labels."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.drift.streams import frame
from contract.schema import CARS
from data.population import DATA_SET, Chance, Population
from training.recent import rows as row_file
from training.recent.span import lengths
from training.train import Told, Trained, learn, probabilities

TOLD = Told("logistic", random_state=20, held_out_ratio=0.25, evaluation_rows=1_000)
MOVED = Population(reluctance=3)


def rows(population: Population, count: int, source: str, seed: int) -> pd.DataFrame:
    found = frame(population.sample(count, Chance.of(np.random.default_rng(seed))))
    names = [f"{seed}-{number}" for number in range(count)]
    return found.assign(source=source, id=names, event_time=0)[list(row_file.COLUMNS)]


DATA = rows(DATA_SET, 1_000, row_file.DATA_SET, 1)


def learnt(*stream: pd.DataFrame) -> Trained:
    return learn(pd.concat([DATA, *stream], ignore_index=True), TOLD)


def test_spans_grow_from_the_newest_rows_to_all() -> None:
    assert lengths(4_000, 20_000, 21_000) == [4_000, 20_000, 21_000]
    assert lengths(1_000, 20_000, 21_000) == [1_000, 4_000, 20_000, 21_000]
    assert lengths(600, 600, 1_600) == [600, 1_600]


def test_all_rows_count_where_nothing_has_moved() -> None:
    assert learnt(rows(DATA_SET, 3_000, "stream", 2)).rows == 4_000


def test_data_set_counts_no_more_where_the_target_has_moved() -> None:
    assert learnt(rows(MOVED, 3_000, "stream", 2)).rows == 3_000


def test_only_the_newest_rows_count_where_the_target_moved_within_the_stream() -> None:
    found = learnt(rows(DATA_SET, 5_000, "stream", 2), rows(MOVED, 1_000, "stream", 3))
    assert found.rows == 1_000
    assert [span.rows for span in found.spans] == [1_000, 6_000, 7_000]
    assert found.spans[0].log_loss < found.spans[1].log_loss < 1  # type: ignore[operator]


def test_model_of_a_moved_target_knows_the_new_one() -> None:
    truth = rows(MOVED, 20_000, "stream", 9)
    found = learnt(rows(MOVED, 3_000, "stream", 2))
    old = learn(DATA, TOLD)
    actual = truth[CARS.target.name].to_numpy()
    new, before = (
        ((probabilities(each.model, truth) > 0.5) == actual).mean() for each in (found, old)
    )
    assert new > before + 0.05


def test_reference_set_is_the_newest_window_predicted_by_models_that_have_not_seen_it() -> None:
    newest = rows(Population(age_shift=9), 1_000, "stream", 3)
    found = learnt(rows(DATA_SET, 2_000, "stream", 2), newest)
    assert found.rows == 4_000
    names = [*CARS.features, CARS.target.name]
    pd.testing.assert_frame_equal(found.reference[names], newest[names].reset_index(drop=True))
    assert list(found.reference)[-2:] == ["prediction", "probability"]


def test_held_out_rows_of_the_newest_window_are_the_last_ones() -> None:
    newest = rows(Population(age_shift=60), 1_000, "stream", 3)
    found = learnt(rows(DATA_SET, 2_000, "stream", 2), newest)
    assert found.newest == pytest.approx(250, abs=50)
    ages = found.held_out[CARS.features[1]].to_numpy()
    assert ages[-found.newest :].min() > ages[: -found.newest].mean()
    assert (ages[-found.newest :] > 63).mean() > 0.9
    assert (ages[: -found.newest] <= 63).all()


def test_stream_with_too_few_of_a_class_has_no_say_in_how_far_back_rows_count() -> None:
    poor = rows(DATA_SET, 3_000, "stream", 2)
    refusing = poor[poor[CARS.target.name] == 0].head(1_000)
    assert learnt(refusing).rows == 2_000
