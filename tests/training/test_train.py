"""Labelled rows become a model with its own encoding, the same one every time."""

import numpy as np
import pandas as pd
import pytest

from contract.errors import BadDataset
from contract.schema import CARS
from tests.support.builders import a_customer
from tests.support.models import ESTIMATORS
from training import provenance
from training.estimators import build_pipeline
from training.settings import Estimator
from training.train import TrainingParams, TrainingResult, fit, outputs, train


@pytest.fixture(params=ESTIMATORS)
def trained(
    request: pytest.FixtureRequest, fitted: dict[Estimator, TrainingResult]
) -> TrainingResult:
    kind: Estimator = request.param
    return fitted[kind]


@pytest.fixture
def logistic(fitted: dict[Estimator, TrainingResult]) -> TrainingResult:
    return fitted["logistic"]


def test_model_takes_raw_records_and_separates_clear_cases(
    trained: TrainingResult,
) -> None:
    records = [
        a_customer(gender="Male", age=20.0, annual_salary=1_000.0),
        a_customer(gender="Female", age=60.0, annual_salary=140_000.0),
    ]
    young_and_poor, old_and_rich = trained.model.predict_proba(CARS.encoder.to_frame(records))[:, 1]
    assert young_and_poor < 0.05
    assert old_and_rich > 0.95


def test_model_is_better_than_the_base_rate_on_held_out_rows(trained: TrainingResult) -> None:
    predicted = outputs(trained.model, trained.held_out, CARS) > 0.5
    accuracy = (predicted == trained.held_out["Purchased"]).mean()
    assert accuracy > trained.held_out["Purchased"].value_counts(normalize=True).max() + 0.1


def test_prediction_of_the_reference_set_is_that_of_scikit_learn(trained: TrainingResult) -> None:
    probability = outputs(trained.model, trained.held_out, CARS)
    np.testing.assert_array_equal(trained.model.predict(trained.held_out), probability > 0.5)
    reference = trained.reference
    np.testing.assert_array_equal(reference["prediction"], reference["probability"] > 0.5)


def test_reference_set_of_many_rows_is_evenly_spaced(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.train.MAX_REFERENCE_ROWS", 501)
    reference = fit(rows, "logistic", 20, 0.2, CARS).reference
    spaced = rows.iloc[np.linspace(0, len(rows) - 1, 501).astype(int)].reset_index(drop=True)
    pd.testing.assert_frame_equal(reference[list(CARS.features)], spaced[list(CARS.features)])


def test_with_many_held_out_rows_they_are_the_reference_set_without_more_fits(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.train.MAX_REFERENCE_ROWS", 101)
    monkeypatch.setattr("training.train._out_of_fold", pytest.fail)
    result = fit(rows, "logistic", 20, 0.2, CARS)
    spaced = result.held_out.iloc[np.linspace(0, len(result.held_out) - 1, 101).astype(int)]
    spaced = spaced.reset_index(drop=True)
    columns = list(spaced)
    pd.testing.assert_frame_equal(result.reference[columns], spaced)
    np.testing.assert_array_equal(
        result.reference["probability"], outputs(result.model, spaced, CARS)
    )


def test_reference_set_has_out_of_fold_predictions_of_every_row(
    rows: pd.DataFrame, fitted: dict[Estimator, TrainingResult]
) -> None:
    columns = [*CARS.features, "Purchased"]
    reference = fitted["random_forest"].reference
    assert list(reference) == [*columns, "prediction", "probability"]
    pd.testing.assert_frame_equal(reference[columns], rows[columns])
    forest = build_pipeline("random_forest", 20, CARS).fit(
        rows[list(CARS.features)], rows["Purchased"]
    )
    training_accuracy = (forest.predict(rows[list(CARS.features)]) == rows["Purchased"]).mean()
    assert (reference["prediction"] == rows["Purchased"]).mean() < training_accuracy - 0.05


def test_model_is_not_fitted_on_held_out_rows(rows: pd.DataFrame, logistic: TrainingResult) -> None:
    held_out = logistic.held_out
    assert len(held_out) == pytest.approx(250, abs=30)
    assert held_out["Purchased"].mean() == pytest.approx(rows["Purchased"].mean(), abs=0.06)
    kept = rows.drop(held_out.index)
    scaler = logistic.model["encode"].named_transformers_["numerical"]["scale"]
    assert scaler.n_samples_seen_ == len(kept)
    np.testing.assert_allclose(scaler.mean_, kept[["Age", "AnnualSalary"]].mean())


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_same_rows_and_random_state_give_the_same_model(
    rows_of_data_set: pd.DataFrame, fitted: dict[Estimator, TrainingResult], kind: Estimator
) -> None:
    rows = rows_of_data_set
    first, second = fitted[kind], train(rows.copy(), TrainingParams(CARS, kind, 20, 0.25, 4_000))
    hashes = [provenance.rows_sha256(result.held_out, CARS) for result in (first, second)]
    assert hashes[0] == hashes[1]
    np.testing.assert_array_equal(
        outputs(first.model, rows, CARS), outputs(second.model, rows, CARS)
    )
    pd.testing.assert_frame_equal(first.reference, second.reference)


def test_another_random_state_selects_other_held_out_rows(
    rows: pd.DataFrame, logistic: TrainingResult
) -> None:
    other = fit(rows, "logistic", random_state=21, held_out_ratio=0.25, schema=CARS)
    assert set(other.held_out.index) != set(logistic.held_out.index)


def test_category_that_no_row_has_is_encoded(rows: pd.DataFrame) -> None:
    men = rows[rows["Gender"] == "Male"]
    model = fit(men, "logistic", 20, 0.25, CARS).model
    assert 0 <= model.predict_proba(CARS.encoder.to_frame([a_customer(gender="Female")]))[0, 1] <= 1


def test_too_few_rows_of_a_class_are_an_error_with_counts(rows: pd.DataFrame) -> None:
    few = pd.concat([rows[rows["Purchased"] == 0], rows[rows["Purchased"] == 1].head(9)])
    with pytest.raises(BadDataset, match=r"605 rows with Purchased=0 and 9 with Purchased=1"):
        fit(few, "logistic", 20, 0.25, CARS)


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_ratio_that_leaves_one_side_without_a_class_is_an_error(
    rows: pd.DataFrame, share: float
) -> None:
    with pytest.raises(BadDataset, match="INTENT_HELD_OUT_RATIO"):
        fit(rows, "logistic", 20, share, CARS)
