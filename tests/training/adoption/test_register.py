"""`intent register`: what it accepts, what it refuses, and which alias a version gets."""

import io
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import mlflow
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient
from sklearn.dummy import DummyClassifier

from contract.errors import BadDataset, BadSetting, ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.registry import REFERENCE_FILE
from contract.schema import CARS
from contract.settings import load
from data.dataset import load_dataset, load_rows
from intent.cli.commands.register import register as command
from tests.support.foreign_models import fit_foreign
from training import model_loading, registry, train
from training.adoption.register import register
from training.adoption.request import Adoption, MappingOptions
from training.promotion import REASON
from training.reproduce import reproduce
from training.settings import TrainingSettings
from training.steps import SKILL

ROWS = load_dataset(CARS.dataset, CARS)
HELD_OUT = 500
"""The last rows, which no model here is fitted on."""


def write_model(file: Path, rows: int, trees: int) -> Path:
    file.write_bytes(fit_foreign("lightgbm", ROWS.head(rows), CARS, trees).content)
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows with and without labels, a model and a better one."""
    made = tmp_path_factory.mktemp("models")
    held_out = ROWS.tail(HELD_OUT)
    held_out.to_csv(made / "rows.csv", index=False)
    held_out.to_parquet(made / "rows.parquet")
    held_out.drop(columns=CARS.target.name).to_csv(made / "unlabelled.csv", index=False)
    write_model(made / "poor.lgb", 60, 3)
    write_model(made / "good.txt", 500, 15)
    return made


@pytest.fixture(scope="module")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry's SQLite file: MLflow takes seconds to make its tables."""
    file = tmp_path_factory.mktemp("registry") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def settings(empty_registry: Path, tmp_path: Path) -> TrainingSettings:
    (tmp_path / "mlflow").mkdir()
    shutil.copy(empty_registry, tmp_path / "mlflow" / "mlflow.db")
    return load(TrainingSettings, data_dir=tmp_path, gate_max_calibration_error=0.2)


@pytest.fixture
def adopt(settings: TrainingSettings, folder: Path) -> Callable[..., str]:
    def call(model: str, rows: str = "rows.csv", **options: object) -> str:
        adoption = Adoption(str(folder / model), folder / rows, "me@here", **options)  # type: ignore[arg-type]
        return register(settings, adoption)

    return call


def aliases(settings: TrainingSettings) -> dict[str, str]:
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    found = client.get_registered_model(settings.model_name).aliases
    return {name: str(version) for name, version in found.items()}


def test_versions_get_the_aliases_that_the_gate_allows(
    settings: TrainingSettings, adopt: Callable[..., str]
) -> None:
    with pytest.raises(ModelUnavailable, match="no champion that a challenger"):
        adopt("good.txt", alias="challenger")
    with pytest.raises(BadDataset, match="no champion whose labelled rows"):
        adopt("poor.lgb", "unlabelled.csv")
    assert "it is the champion; previous champion: none" in adopt(
        "poor.lgb", alias="champion", reason="first"
    )
    assert aliases(settings) == {"champion": "1"}
    with pytest.raises(ModelUnavailable, match="it has no logged rows"):
        reproduce(settings, "1")

    said = adopt("good.txt", "rows.parquet", alias="challenger")
    assert "scores in the shadow of version 1" in said
    assert f"on {HELD_OUT} labelled rows" in said
    assert aliases(settings) == {"champion": "1", "challenger": "2"}
    assert registry.read_run(settings, "2").metrics[SKILL] > 0.3

    with pytest.raises(ModelUnavailable, match=r"the gate rejected version 3, .*log loss"):
        adopt("poor.lgb", alias="challenger")
    assert aliases(settings) == {"champion": "1", "challenger": "2"}

    assert "it is the champion; previous champion: 1" in adopt(
        "good.txt", alias="champion", reason="the vendor's"
    )
    assert aliases(settings) == {"champion": "4", "previous": "1", "challenger": "2"}
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    tags = client.get_model_version(settings.model_name, "4").tags
    assert tags[REASON] == "me@here: the vendor's"
    assert tags["model.format"] == "lightgbm"


def test_version_without_labels_has_the_rows_of_the_champions_reference_set(
    settings: TrainingSettings, adopt: Callable[..., str]
) -> None:
    adopt("poor.lgb", alias="champion", reason="first")
    assert "not evaluated" in adopt("good.txt", "unlabelled.csv", alias="challenger")
    own, champions = (
        pd.read_csv(io.BytesIO(registry.read_artifact(settings, version, REFERENCE_FILE)))
        for version in ("2", "1")
    )
    target = [*CARS.features, CARS.target.name]
    assert own[target].equals(champions[target])
    model = model_loading.load_model(settings, "2")
    assert own["probability"].to_numpy() == pytest.approx(model.predict_proba(own)[:, 1])
    assert not own["probability"].equals(champions["probability"])


def test_model_in_another_run_is_adopted_by_its_address(
    settings: TrainingSettings, folder: Path
) -> None:
    foreign = fit_foreign("xgboost", ROWS.head(500), CARS)
    mlflow.set_tracking_uri(settings.registry_uri)
    with mlflow.start_run(experiment_id=mlflow.create_experiment("notebook")) as run:
        mlflow.xgboost.log_model(foreign.estimator, name="model", pip_requirements=[])
        dummy = DummyClassifier().fit(ROWS[["Age"]], ROWS.Purchased)
        pickled = mlflow.sklearn.log_model(
            dummy, name="pickled", serialization_format="pickle", pip_requirements=[]
        )
    adoption = Adoption(f"runs:/{run.info.run_id}/model", folder / "rows.csv", "me@here")
    assert "registered version 1 of car-purchase: xgboost" in register(settings, adoption)
    model = model_loading.load_model(settings, "1")
    assert model.predict_proba(ROWS) == pytest.approx(foreign.predict(ROWS), abs=1e-6)
    with pytest.raises(BadSetting, match="is a pickle, which runs code"):
        register(settings, Adoption(pickled.model_uri, folder / "rows.csv", "me@here"))
    with pytest.raises(ModelUnavailable, match="models:/nobody/1 cannot be read"):
        register(settings, Adoption("models:/nobody/1", folder / "rows.csv", "me@here"))


def test_model_of_code_is_refused_and_never_loaded(
    settings: TrainingSettings, folder: Path, tmp_path: Path
) -> None:
    class Writes(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
        def load_context(self, context: object) -> None:
            del context
            (tmp_path / "executed").touch()

        def predict(self, context: object, model_input: list[str]) -> list[str]:
            del context
            return model_input

    mlflow.pyfunc.save_model(tmp_path / "code", python_model=Writes(), pip_requirements=[])
    (tmp_path / "executed").unlink(missing_ok=True)
    with pytest.raises(BadSetting, match="python_function: loading them runs code"):
        register(settings, Adoption(str(tmp_path / "code"), folder / "rows.csv", "me@here"))
    assert not (tmp_path / "executed").exists()


def test_what_scorers_would_reject_is_not_registered(
    settings: TrainingSettings, adopt: Callable[..., str], folder: Path
) -> None:
    (folder / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ModelRejected, match="does not load"):
        adopt("broken.onnx")
    with pytest.raises(BadSetting, match="none of the endings"):
        adopt("rows.parquet")
    with pytest.raises(BadDataset, match=r"nobody\.csv: no such file"):
        adopt("good.txt", "nobody.csv")
    with pytest.raises(BadSetting, match="neither a model file nor a folder"):
        adopt("nothing.lgb")
    text = (folder / "good.txt").read_text()
    (folder / "other.lgb").write_text(text.replace("=Gender Age", "=Gender Young"))
    with pytest.raises(BadSetting, match="Young is neither"):
        adopt("other.lgb")
    with pytest.raises(BadSetting, match="the model's classes are yes, no"):
        adopt("good.txt", options=MappingOptions(classes=("yes", "no")))
    slow = settings.model_copy(update={"model_max_row_microseconds": 0.001})
    with pytest.raises(ModelRejected, match="the model takes") as rejected:
        register(slow, Adoption(str(folder / "good.txt"), folder / "rows.csv", "me@here"))
    assert rejected.value.reason is ModelRejectionReason.SLOW
    client = MlflowClient(settings.registry_uri, settings.registry_uri)
    assert client.search_registered_models() == []


def test_pickle_is_refused_by_its_name(adopt: Callable[..., str], folder: Path) -> None:
    (folder / "model.pkl").write_bytes(pickle.dumps({}))
    with pytest.raises(BadSetting, match="serialization_format='skops'"):
        adopt("model.pkl")


def test_rows_of_csv_and_parquet_are_equal(folder: Path) -> None:
    from_csv, from_parquet = (load_rows(folder / f"rows.{end}", CARS) for end in ("csv", "parquet"))
    assert from_csv.equals(from_parquet)
    assert CARS.target.name not in load_rows(folder / "unlabelled.csv", CARS)


def test_invalid_rows_are_reported_by_line_and_column(tmp_path: Path) -> None:
    rows = ROWS.head(3).copy()
    rows.loc[1, "Age"] = 999
    rows.to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(BadDataset, match=r"line 3, column Age: '999\.0' must be"):
        load_rows(tmp_path / "rows.parquet", CARS)
    (tmp_path / "text.parquet").write_text("no Parquet")
    with pytest.raises(BadDataset, match="not Parquet"):
        load_rows(tmp_path / "text.parquet", CARS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--alias", "champion"], "--alias champion needs --reason"),
        (["--codes", "Gender"], "--codes needs FEATURE="),
    ],
)
def test_command_line_is_checked(folder: Path, arguments: list[str], message: str) -> None:
    given = ["model.lgb", "--rows", str(folder / "rows.csv"), *arguments]
    context = command.make_context("register", given)
    with pytest.raises(click.UsageError, match=message):
        click.Command.invoke(command, context)


def test_reference_set_of_many_rows_is_spread_over_all_of_them(
    settings: TrainingSettings, adopt: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "MAX_REFERENCE_ROWS", 100)
    assert f"on {HELD_OUT} labelled rows" in adopt("good.txt")
    reference = pd.read_csv(io.BytesIO(registry.read_artifact(settings, "1", REFERENCE_FILE)))
    assert len(reference) == 100
    ages = reference["Age"].tolist()
    assert (ages[0], ages[-1]) == (ROWS.tail(HELD_OUT).iloc[0]["Age"], ROWS.iloc[-1]["Age"])
