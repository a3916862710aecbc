"""Labelled customers -> a model that does its own encoding, and the same one every time."""

import numpy as np
import pandas as pd
import pytest

from contract.errors import BadDataset
from contract.schema import CARS
from tests.support.builders import a_customer
from tests.support.models import KINDS
from training import provenance
from training.settings import Estimator
from training.train import Told, Trained, fit, learn, pipeline, probabilities


@pytest.fixture(params=KINDS)
def trained(request: pytest.FixtureRequest, fitted: dict[Estimator, Trained]) -> Trained:
    kind: Estimator = request.param
    return fitted[kind]


@pytest.fixture
def logistic(fitted: dict[Estimator, Trained]) -> Trained:
    return fitted["logistic"]


def test_model_takes_records_as_they_are_and_tells_a_buyer_from_the_first_systems_customer(
    trained: Trained,
) -> None:
    records = [
        a_customer(gender="Male", age=20.0, annual_salary=1_000.0),
        a_customer(gender="Female", age=60.0, annual_salary=140_000.0),
    ]
    young_and_poor, old_and_rich = trained.model.predict_proba(CARS.encoder.to_frame(records))[:, 1]
    assert young_and_poor < 0.05
    assert old_and_rich > 0.95


def test_model_is_better_than_chance_on_rows_that_it_has_not_seen(trained: Trained) -> None:
    predicted = probabilities(trained.model, trained.held_out) > 0.5
    right = (predicted == trained.held_out["Purchased"]).mean()
    assert right > trained.held_out["Purchased"].value_counts(normalize=True).max() + 0.1


def test_prediction_of_the_reference_set_is_what_scikit_learn_says(trained: Trained) -> None:
    share = probabilities(trained.model, trained.held_out)
    np.testing.assert_array_equal(trained.model.predict(trained.held_out), share > 0.5)
    reference = trained.reference
    np.testing.assert_array_equal(reference["prediction"], reference["probability"] > 0.5)


def test_reference_set_has_every_row_predicted_by_a_model_that_has_not_seen_it(
    rows: pd.DataFrame, fitted: dict[Estimator, Trained]
) -> None:
    columns = [*CARS.features, "Purchased"]
    reference = fitted["random_forest"].reference
    assert list(reference) == [*columns, "prediction", "probability"]
    pd.testing.assert_frame_equal(reference[columns], rows[columns])
    forest = pipeline("random_forest", 20).fit(rows[list(CARS.features)], rows["Purchased"])
    learnt_by_heart = (forest.predict(rows[list(CARS.features)]) == rows["Purchased"]).mean()
    assert (reference["prediction"] == rows["Purchased"]).mean() < learnt_by_heart - 0.05


def test_held_out_rows_are_a_part_that_the_model_was_not_fitted_on(
    rows: pd.DataFrame, logistic: Trained
) -> None:
    held_out = logistic.held_out
    assert len(held_out) == pytest.approx(250, abs=30)
    assert held_out["Purchased"].mean() == pytest.approx(rows["Purchased"].mean(), abs=0.06)
    kept = rows.drop(held_out.index)
    scaler = logistic.model["encode"].named_transformers_["numbers"]["scale"]
    assert scaler.n_samples_seen_ == len(kept)
    np.testing.assert_allclose(scaler.mean_, kept[["Age", "AnnualSalary"]].mean())


@pytest.mark.parametrize("kind", KINDS)
def test_same_rows_and_random_state_give_the_same_model(
    rows_of_data_set: pd.DataFrame, fitted: dict[Estimator, Trained], kind: Estimator
) -> None:
    rows = rows_of_data_set
    first, second = fitted[kind], learn(rows.copy(), Told(kind, 20, 0.25, 4_000))
    hashes = [provenance.rows_sha256(each.held_out) for each in (first, second)]
    assert hashes[0] == hashes[1]
    np.testing.assert_array_equal(
        probabilities(first.model, rows), probabilities(second.model, rows)
    )
    pd.testing.assert_frame_equal(first.reference, second.reference)


def test_another_random_state_holds_other_rows_out(rows: pd.DataFrame, logistic: Trained) -> None:
    other = fit(rows, "logistic", random_state=21, held_out_ratio=0.25)
    assert set(other.held_out.index) != set(logistic.held_out.index)


def test_gender_is_encoded_even_where_the_rows_have_one_alone(rows: pd.DataFrame) -> None:
    men = rows[rows["Gender"] == "Male"]
    model = fit(men, "logistic", 20, 0.25).model
    assert 0 <= model.predict_proba(CARS.encoder.to_frame([a_customer(gender="Female")]))[0, 1] <= 1


def test_too_few_rows_of_a_class_are_told(rows: pd.DataFrame) -> None:
    few = pd.concat([rows[rows["Purchased"] == 0], rows[rows["Purchased"] == 1].head(9)])
    with pytest.raises(BadDataset, match=r"605 rows with Purchased=0 and 9 with Purchased=1"):
        fit(few, "logistic", 20, 0.25)


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_share_that_leaves_one_side_without_a_class_is_told(
    rows: pd.DataFrame, share: float
) -> None:
    with pytest.raises(BadDataset, match="INTENT_HELD_OUT_RATIO"):
        fit(rows, "logistic", 20, share)
