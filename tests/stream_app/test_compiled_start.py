"""The champion is compiled once; later starts import no large libraries."""

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures

from contract.errors import ModelUnavailable
from contract.model.estimator import load_estimator
from contract.model.predictor import SklearnModel
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion, version_folder
from contract.registry import MODEL_FILE
from contract.schema import CARS
from contract.settings import Settings, load
from data import dataset
from stream_app.metrics import ScorerMetrics
from stream_app.models.compiled import cache
from stream_app.models.initial_model import load_initial_model
from stream_app.models.registered_model import RegisteredModel
from stream_app.models.serving import ServingModels
from tests.support.builders import a_customer, environment
from training import estimators, promotion, registry, train
from training.evaluation import calibration_table, scores
from training.registry import RunRecord
from training.settings import TrainingSettings

CUSTOMERS = [a_customer(), a_customer(age=58.0, annual_salary=130_000.0, gender="Male")]


@pytest.fixture
def settings(champion: dict[str, str], tmp_path: Path) -> Settings:
    """A registry with a champion, and an empty data directory."""
    return load(Settings, **champion, data_dir=tmp_path)


def compiled_file(settings: Settings, version: ModelVersion) -> Path:
    return cache.compiled_file(settings.data_dir, str(version.sha256), version.rule.threshold, CARS)


def test_champion_is_compiled_once_and_scores_as_scikit_learn_does(settings: Settings) -> None:
    first = load_initial_model(settings)
    again = load_initial_model(settings)
    estimator = load_estimator("1", version_folder(settings, first.source) / MODEL_FILE, CARS)
    expected = estimator.predict_proba(CARS.encoder.to_frame(CUSTOMERS))[:, 1]
    assert first.is_compiled
    assert first.version == again.version == "1"
    assert compiled_file(settings, first.source).is_file()
    for model in (first, again):
        assert model.outputs(CUSTOMERS) == pytest.approx(expected, abs=1e-6)


def test_start_with_a_cached_model_imports_neither_mlflow_nor_scikit_learn(
    settings: Settings,
) -> None:
    load_initial_model(settings)
    program = (
        "import sys; import stream_app.app;"
        "from stream_app.models.initial_model import load_initial_model;"
        "from contract.settings import Settings, load; load_initial_model(load(Settings));"
        "print({'mlflow', 'sklearn', 'pandas', 'scipy'} & sys.modules.keys())"
    )
    env = {**os.environ, **environment(settings)}
    completed = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    assert completed.stdout.strip() == "set()", completed.stderr


def test_damaged_cached_model_is_compiled_again(settings: Settings) -> None:
    file = compiled_file(settings, load_initial_model(settings).source)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert cache.load_compiled(file) is None
    assert load_initial_model(settings).is_compiled
    assert cache.load_compiled(file) is not None


def cubic(settings: TrainingSettings) -> Pipeline:
    """Training's logistic model with terms of degree three, which does not compile."""
    rows = dataset.load_dataset(settings.dataset, CARS)
    model = estimators.build_pipeline("logistic", 20, CARS)
    model.set_params(encode__numerical__polynomial=PolynomialFeatures(3, include_bias=False))
    return model.fit(rows[list(CARS.features)], rows[CARS.target.name])


def compiled_gauge(champion: RegisteredModel) -> Any:
    metrics = ScorerMetrics()
    metrics.reloads.set_serving_models(ServingModels(champion))
    return metrics.registry.get_sample_value("intent_scorer_model_compiled")


def test_model_that_does_not_compile_is_scored_by_scikit_learn_and_the_metric_is_0(
    tmp_path: Path,
) -> None:
    settings = load(TrainingSettings, data_dir=tmp_path)
    rows = dataset.load_dataset(settings.dataset, CARS)
    trained = train.fit(rows, "logistic", 20, 0.25, CARS)
    model = cubic(settings)
    actual = trained.held_out[CARS.target.name].to_numpy()
    found = train.outputs(model, trained.held_out, CARS)
    version = registry.register_model(
        settings,
        train.TrainingResult(model, trained.held_out, trained.reference),
        RunRecord(
            asdict(scores(actual, found, CARS.classes)), calibration_table(actual, found), {}, {}
        ),
    )
    promotion.promote(settings, version, None, "the test wants it")

    champion = load_initial_model(load(Settings, data_dir=tmp_path))
    assert not champion.is_compiled
    assert isinstance(champion.predictor, SklearnModel)
    expected = model.predict_proba(CARS.encoder.to_frame(CUSTOMERS))[:, 1]
    assert champion.outputs(CUSTOMERS) == pytest.approx(expected, abs=1e-12)
    assert compiled_gauge(champion) == 0


def test_metric_is_1_for_a_compiled_model(settings: Settings) -> None:
    assert compiled_gauge(load_initial_model(settings)) == 1


def test_model_file_with_a_type_that_is_not_on_our_list_does_not_load(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    skops.io.dump(FunctionTransformer(os.system), file)
    with pytest.raises(ModelRejected, match="does not load") as refused:
        load_estimator("1", file, CARS)
    assert refused.value.reason is ModelRejectionReason.LOAD


def test_missing_champion_is_reported_in_one_line(settings: Settings, tmp_path: Path) -> None:
    for changes in ({"model_name": "nobody"}, {"mlflow_uri": f"sqlite:///{tmp_path}/new.db"}):
        with pytest.raises(ModelUnavailable, match=r"^no champion of .* `intent train`"):
            load_initial_model(settings.model_copy(update=changes))
