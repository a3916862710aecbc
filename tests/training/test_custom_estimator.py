"""INTENT_ESTIMATOR=package.module:factory is checked, trained, stored and scored."""

from pathlib import Path

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient
from sklearn.ensemble import ExtraTreesClassifier

from contract.errors import BadSetting
from contract.registry import THRESHOLD_TAG
from contract.schema import CARS
from contract.settings import load
from stream_app.models.initial_model import load_initial_model
from tests.support.trainings import run_failing_training
from training import model_loading, registry, reproduce, train
from training.custom_estimator import create_estimator
from training.registry_client import champion_version
from training.settings import TrainingSettings
from training.steps import check_estimator, train_and_promote
from training.train import TrainingParams

FACTORIES = "tests.support.custom_estimators"

INVALID = {
    f"{FACTORIES}s:extra_trees": "ModuleNotFoundError.* add its folder to PYTHONPATH",
    f"{FACTORIES}:nothing": "has no function nothing",
    f"{FACTORIES}:FACTORIES": "has no function FACTORIES",
    f"{FACTORIES}:failing": "RuntimeError: no licence for car-purchase 20",
    f"{FACTORIES}:without_arguments": "TypeError: .* called with `schema` and `random_state`",
    f"{FACTORIES}:regressor": "LinearRegression, which has no method predict_proba",
    f"{FACTORIES}:without_probabilities": "Pipeline, which has no method predict_proba",
    f"{FACTORIES}:unclonable": "cannot clone the Unclonable",
    f"{FACTORIES}:random_generator": "extratreesclassifier__random_state is a RandomState",
    f"{FACTORIES}:boosting": "cannot be fitted to .* columns Gender, Age, AnnualSalary",
    f"{FACTORIES}:unseeded": "two fits on the same rows give different probabilities",
    f"{FACTORIES}:no_probabilities": "does not return probabilities",
    f"{FACTORIES}:own_class": "scorers would reject it: .*custom_estimators.Guess",
}


def params(estimator: str, class_weight: str = "none") -> TrainingParams:
    return TrainingParams(CARS, estimator, 20, 0.25, 4_000, class_weight)


@pytest.mark.parametrize("name", INVALID, ids=lambda name: name.rpartition(":")[2])
def test_invalid_estimator_is_one_line_before_training(name: str, rows: pd.DataFrame) -> None:
    settings = load(TrainingSettings, estimator=name)
    with pytest.raises(BadSetting, match=INVALID[name]) as raised:
        check_estimator(settings, rows)
    assert str(raised.value).startswith(f"INTENT_ESTIMATOR={name}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["forest", "a:b:c", "a.:b", "a:", "../a:b", "a b:c"])
def test_malformed_estimator_is_a_bad_setting(name: str) -> None:
    with pytest.raises(BadSetting, match=r"INTENT_ESTIMATOR.* or package\.module:factory"):
        load(TrainingSettings, estimator=name)


def test_command_ends_with_one_line_and_trains_nothing(tmp_path: Path) -> None:
    settings = load(TrainingSettings, data_dir=tmp_path, estimator=f"{FACTORIES}:own_class")
    code, line = run_failing_training(settings)
    assert code == BadSetting.exit_code
    assert "scorers would reject it" in line
    assert champion_version(settings) is None


def test_seeds_that_the_factory_left_open_are_set() -> None:
    model = create_estimator(f"{FACTORIES}:extra_trees", CARS, 7)
    trees = model[-1]
    assert isinstance(trees, ExtraTreesClassifier)
    assert trees.random_state == 7


@pytest.mark.parametrize(
    ("factory", "class_weight"), [("calibrated_trees", "none"), ("binned_logistic", "balanced")]
)
def test_custom_estimator_is_registered_with_its_threshold_and_scored(
    factory: str, class_weight: str, rows: pd.DataFrame, tmp_path: Path
) -> None:
    settings = load(
        TrainingSettings,
        data_dir=tmp_path,
        estimator=f"examples.estimators:{factory}",
        class_weight=class_weight,
        cost_false_negative=20,
    )
    version = train_and_promote(settings)
    assert champion_version(settings) == version

    run = registry.read_run(settings, version)
    assert run.params["estimator"] == settings.estimator
    assert run.params["class_weight"] == class_weight
    assert (run.params["cost_false_positive"], run.params["cost_false_negative"]) == ("1.0", "20.0")
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    threshold = float(client.get_model_version(settings.model_name, version).tags[THRESHOLD_TAG])
    assert threshold == run.metrics["threshold"] != 0.5
    assert 0 < run.metrics["cost"] < 1

    model = load_initial_model(settings)
    assert (model.version, model.rule.threshold) == (version, threshold)
    head = rows.head(100)
    expected = train.outputs(model_loading.load_model(settings, version), head, CARS)
    records = CARS.encoder.to_records(head)
    assert model.outputs(records) == pytest.approx(expected, abs=1e-6)
    assert reproduce.reproduce(settings, version).max_difference == 0


def test_class_weights_raise_recall_and_probabilities_stay_calibrated(rows: pd.DataFrame) -> None:
    rare = rows[(rows.Purchased == 0) | (rows.index % 12 == 0)]
    plain, weighted = (
        train.build_model(params("hist_gradient_boosting", weight)).fit(
            rare[list(CARS.features)], rare.Purchased
        )
        for weight in ("none", "1,10")
    )
    assert weighted.estimator[-1].class_weight == {0: 1.0, 1: 10.0}
    assert plain[-1].class_weight is None
    probability = train.outputs(weighted, rare, CARS)
    assert probability.mean() == pytest.approx(rare.Purchased.mean(), abs=0.02)


@pytest.mark.parametrize(
    ("estimator", "weights", "message"),
    [
        (f"{FACTORIES}:naive_bayes", "balanced", "needs an estimator with the parameter class_we"),
        ("logistic", "1,2,3", "has 3 weights, and Purchased has the classes 0, 1"),
    ],
)
def test_class_weights_that_do_not_fit_are_a_bad_setting(
    estimator: str, weights: str, message: str
) -> None:
    with pytest.raises(BadSetting, match=message):
        train.build_model(params(estimator, weights))


@pytest.mark.parametrize("weights", ["1", "0,1", "-1,2", "1,,2", "auto", "1e3,2", "0.0,1"])
def test_malformed_class_weights_are_a_bad_setting(weights: str) -> None:
    with pytest.raises(BadSetting, match="INTENT_CLASS_WEIGHT"):
        load(TrainingSettings, class_weight=weights)
