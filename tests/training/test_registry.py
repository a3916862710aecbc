"""What is logged for a version, and which models are refused at load."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow.artifacts
import numpy as np
import pandas as pd
import pytest
import skops.io
from mlflow.entities.model_registry import ModelVersion
from mlflow.models import Model
from mlflow.tracking import MlflowClient
from sklearn.pipeline import Pipeline

from contract.errors import ModelUnavailable
from contract.registry import DIGEST_TAG, MODEL_FILE, REFERENCE_FILE
from contract.schema import CARS
from contract.settings import load
from data import dataset
from training import evaluation, model_loading, provenance, registry, train
from training.registry_client import champion_version
from training.settings import Estimator, TrainingSettings
from training.steps import train_and_promote
from training.train import TrainingResult


@pytest.fixture(scope="module")
def settings(
    champion: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> TrainingSettings:
    """Settings of the registry that has a champion."""
    return load(TrainingSettings, **champion, data_dir=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def client(settings: TrainingSettings) -> MlflowClient:
    return MlflowClient(settings.registry_uri, settings.registry_uri)


@pytest.fixture(scope="module")
def version(settings: TrainingSettings, client: MlflowClient) -> ModelVersion:
    return client.get_model_version_by_alias(settings.model_name, "champion")


@pytest.fixture(scope="module")
def model_folder(settings: TrainingSettings, client: MlflowClient, version: ModelVersion) -> Path:
    uri = client.get_model_version_download_uri(settings.model_name, version.version)
    return Path(mlflow.artifacts.download_artifacts(uri, tracking_uri=settings.registry_uri))


def test_run_has_params_provenance_trigger_and_decision(
    settings: TrainingSettings, client: MlflowClient, version: ModelVersion
) -> None:
    data = client.get_run(str(version.run_id)).data
    assert data.params == {
        "estimator": "logistic",
        "random_state": "20",
        "held_out_ratio": "0.25",
        "evaluation_rows": "4000",
        "rows": "1000",
        "stream_rows": "0",
        "lookback_rows": "1000",
        "logistic_degree": "2",
        "logistic_c": "1.0",
        "class_weight": "none",
        "cost_false_positive": "1.0",
        "cost_false_negative": "1.0",
        "interval_level": "0.9",
    }
    tags = data.tags
    assert tags["data.file"] == "car_data.csv"
    assert tags["data.file_sha256"] == provenance.file_sha256(settings.dataset)
    assert tags["data.rows_sha256"] == provenance.rows_sha256(
        dataset.load_dataset(settings.dataset, CARS), CARS
    )
    assert tags["code.revision"]
    versions = {f"version.{name}": number for name, number in provenance.library_versions().items()}
    assert versions.items() <= tags.items()
    assert tags["promotion.decision"] == "promoted"
    assert tags["promotion.reason"].startswith("there is no champion yet, and it saves ")
    assert tags["gate"] == "passed"
    assert tags["trigger.kind"] == "person"


def test_run_has_the_scores_on_the_held_out_rows(
    settings: TrainingSettings,
    client: MlflowClient,
    version: ModelVersion,
    fitted: dict[Estimator, TrainingResult],
) -> None:
    held_out = fitted["logistic"].held_out
    model = model_loading.load_model(settings, version.version)
    scores = evaluation.scores(
        held_out["Purchased"].to_numpy(), train.outputs(model, held_out, CARS), CARS.classes
    )
    metrics = client.get_run(str(version.run_id)).data.metrics
    assert {name: metrics[name] for name in asdict(scores)} == pytest.approx(asdict(scores))
    assert 0.8 < scores.accuracy < 1


def artifact(settings: TrainingSettings, version: ModelVersion, path: str) -> pd.DataFrame:
    uri = f"runs:/{version.run_id}/{path}"
    return pd.read_csv(mlflow.artifacts.download_artifacts(uri, tracking_uri=settings.registry_uri))


def test_run_has_the_reference_set_and_the_calibration_table(
    settings: TrainingSettings, version: ModelVersion, fitted: dict[Estimator, TrainingResult]
) -> None:
    reference = artifact(settings, version, REFERENCE_FILE)
    assert list(reference) == [
        "Gender", "Age", "AnnualSalary", "Purchased", "prediction", "probability",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(reference, fitted["logistic"].reference)
    table = artifact(settings, version, registry.CALIBRATION)
    assert list(table) == ["low", "high", "rows", "probability", "observed"]
    assert table["rows"].sum() == len(fitted["logistic"].held_out)


def test_model_has_a_signature_and_a_usable_input_example(
    settings: TrainingSettings, version: ModelVersion, model_folder: Path
) -> None:
    inputs = Model.load(model_folder).signature.inputs
    assert [(column.name, column.type.name) for column in inputs] == [
        ("Gender", "string"), ("Age", "double"), ("AnnualSalary", "double"),
    ]  # fmt: skip
    example = json.loads((model_folder / "input_example.json").read_text())
    frame = pd.DataFrame(example["data"], columns=example["columns"])
    assert (
        len(model_loading.load_model(settings, version.version).predict(frame)) == len(frame) == 5
    )


def test_model_is_stored_with_skops_and_nothing_is_a_pickle(model_folder: Path) -> None:
    names = {path.name for path in model_folder.rglob("*")}
    assert MODEL_FILE in names
    assert not {name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))}


def test_loaded_model_is_the_one_that_was_trained(
    settings: TrainingSettings, version: ModelVersion, fitted: dict[Estimator, TrainingResult]
) -> None:
    trained = fitted["logistic"]
    loaded = model_loading.load_model(settings, version.version)
    np.testing.assert_array_equal(
        train.outputs(loaded, trained.reference, CARS),
        train.outputs(trained.model, trained.reference, CARS),
    )


@pytest.mark.parametrize("estimator", ["random_forest", "hist_gradient_boosting"])
def test_every_kind_of_model_loads_with_the_trusted_types(
    settings: TrainingSettings, estimator: Estimator, fitted: dict[Estimator, TrainingResult]
) -> None:
    other = settings.model_copy(update={"estimator": estimator, "model_name": estimator})
    version = train_and_promote(other)
    assert champion_version(other) == version == "1"
    trained = fitted[estimator]
    np.testing.assert_array_equal(
        train.outputs(model_loading.load_model(other, version), trained.held_out, CARS),
        train.outputs(trained.model, trained.held_out, CARS),
    )


class Evil:
    """A type that an attacker with access to the artifact store would have constructed."""

    def __init__(self) -> None:
        self.loaded = True

    def fit(self, *_: object) -> "Evil":
        return self


@pytest.fixture
def registered(
    settings: TrainingSettings, client: MlflowClient, model_folder: Path, tmp_path: Path
) -> Iterator[Any]:
    """`registered(bytes)`: settings of a model whose version 1 has this in its model file."""

    def register(content: bytes) -> TrainingSettings:
        digest = hashlib.sha256(content).hexdigest()
        other = settings.model_copy(update={"model_name": tmp_path.name})
        folder = tmp_path / "model"
        shutil.copytree(model_folder, folder)
        (folder / MODEL_FILE).write_bytes(content)
        client.create_registered_model(other.model_name)
        client.create_model_version(other.model_name, folder.as_uri(), tags={DIGEST_TAG: digest})
        return other

    yield register
    client.delete_registered_model(tmp_path.name)


def test_model_with_an_untrusted_type_is_refused(registered: Any) -> None:
    other = registered(skops.io.dumps(Pipeline([("evil", Evil())])))
    with pytest.raises(ModelUnavailable, match=r"version 1 does not load: .*Evil"):
        model_loading.load_model(other, "1")


def test_damaged_model_is_refused(registered: Any) -> None:
    with pytest.raises(ModelUnavailable, match=r"version 1 does not load"):
        model_loading.load_model(registered(b"PK\x03\x04 and no more"), "1")


def test_name_without_a_model_has_no_champion(settings: TrainingSettings) -> None:
    assert champion_version(settings.model_copy(update={"model_name": "nobody"})) is None
