"""Models of other libraries are loaded from data files, and score as their own libraries do."""

import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import lightgbm
import msgspec
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from contract.model.estimator import load_estimator
from contract.model.formats import FORMATS
from contract.model.loading import load_checked_model, load_predictor, native_predictor
from contract.model.manifest import MANIFEST_FILE, Manifest
from contract.model.predictor import LibraryPredictor, NativePredictor
from contract.model.verification import probe, verify
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import EXAMPLE_FILE, MODEL_FILE, Example
from contract.schema import CARS, Schema
from contract.schema.features import FeatureArrays
from contract.settings import Settings, load
from data.dataset import load_dataset
from tests.examples.pumps import PUMPS
from tests.support.foreign_models import FITS, ForeignModel, fit_foreign, manifest_of
from training.adoption.mapping import map_classes, map_inputs
from training.adoption.request import MappingOptions

SCHEMAS = {"cars": CARS, "pumps": Schema.load(PUMPS)}
Fitted = tuple[Schema, pd.DataFrame, ForeignModel]


@pytest.fixture(scope="module", params=SCHEMAS)
def data(request: pytest.FixtureRequest) -> tuple[Schema, pd.DataFrame]:
    schema = SCHEMAS[request.param]
    return schema, load_dataset(schema.dataset, schema).head(1_000)


@pytest.fixture(scope="module", params=FITS)
def fitted(data: tuple[Schema, pd.DataFrame], request: pytest.FixtureRequest) -> Fitted:
    schema, rows = data
    return schema, rows, fit_foreign(request.param, rows, schema)


@pytest.fixture(scope="module")
def boosted() -> ForeignModel:
    return fit_foreign("xgboost", load_dataset(CARS.dataset, CARS), CARS)


def saved(folder: Path, given: ForeignModel, schema: Schema, **changes: Any) -> ModelVersion:
    """Writes a version as `intent register` does."""
    manifest = msgspec.structs.replace(manifest_of(given, schema), **changes)
    (folder / manifest.file).write_bytes(given.content)
    text = msgspec.json.encode(manifest)
    (folder / MANIFEST_FILE).write_bytes(text)
    rows = load_dataset(schema.dataset, schema).head(20)
    inputs = schema.encoder.to_records(rows)
    found = schema.classes.arrange(given.predict(rows), given.classes)
    (folder / EXAMPLE_FILE).write_bytes(msgspec.json.encode(Example(inputs, found.tolist())))
    return ModelVersion("3", sha256(text).hexdigest(), folder)


def test_model_scores_arrays_as_its_library_scores_a_frame(fitted: Fitted) -> None:
    schema, rows, given = fitted
    model = FORMATS[given.format].load(given.content)
    predictor = native_predictor(model, manifest_of(given, schema), schema)
    arrays = schema.encoder.to_arrays(schema.encoder.to_records(rows))
    expected = given.predict(rows)
    # XGBoost and a converted forest compute in single precision
    tolerance = {"onnx": 2e-6, "xgboost": 1e-7}.get(given.format, 1e-12)
    order = [given.classes.index(value) for value in schema.classes.values]
    assert predictor.all_outputs(arrays) == pytest.approx(expected[:, order], abs=tolerance)
    assert predictor.outputs(arrays) == pytest.approx(
        schema.classes.arrange(expected, given.classes), abs=tolerance
    )
    assert 0 < verify("version 1", predictor, schema, 1_000) < 1_000


def test_contributions_of_the_inputs_sum_to_the_score_of_each_class(fitted: Fitted) -> None:
    schema, rows, given = fitted
    predictor = native_predictor(
        FORMATS[given.format].load(given.content), manifest_of(given, schema), schema
    )
    assert isinstance(predictor, NativePredictor)
    arrays = schema.encoder.to_arrays(schema.encoder.to_records(rows.head(50)))
    found = predictor.contributions(arrays)
    if given.format == "onnx":
        assert found is None
        return
    assert found is not None
    assert found.shape == (50, len(schema.classes) if schema.classes.multiclass else 1,
                           len(schema.features) + 1)  # fmt: skip
    scores, expected = found.sum(axis=2), predictor.all_outputs(arrays)
    if schema.classes.multiclass:
        assert softmax(scores, axis=1) == pytest.approx(expected, abs=1e-6)
    else:
        assert expit(scores[:, 0]) == pytest.approx(expected[:, 1], abs=1e-6)


def test_order_of_classes_is_that_of_the_model(boosted: ForeignModel) -> None:
    """Classes that are not 0 and 1 in the schema's order have to be named."""
    target = msgspec.structs.replace(CARS.target, classes=("yes", "no"))
    schema = Schema(CARS.name, CARS.dataset, CARS.columns, target)
    model = FORMATS["xgboost"].load(boosted.content)
    rows = load_dataset(CARS.dataset, CARS)
    arrays = CARS.encoder.to_arrays(CARS.encoder.to_records(rows))
    inputs = map_inputs(model, schema, MappingOptions())
    classes = map_classes(model, inputs, schema, MappingOptions(classes=("no", "yes")))
    manifest = Manifest("xgboost", "m", "", "3", inputs, classes)
    found = native_predictor(model, manifest, schema)
    expected = boosted.predict(rows)[:, 0]  # of no, the second class of this schema
    assert found.outputs(arrays) == pytest.approx(expected, abs=1e-6)
    assert isinstance(found, NativePredictor)
    contributions = found.contributions(arrays)
    assert contributions is not None
    assert expit(contributions.sum(axis=2)[:, 0]) == pytest.approx(expected, abs=1e-6)
    with pytest.raises(Exception, match="--classes no,yes"):
        map_classes(model, inputs, schema, MappingOptions())


def test_one_hot_columns_of_pandas_are_mapped_to_their_categories() -> None:
    rows = load_dataset(CARS.dataset, CARS)
    frame = pd.get_dummies(rows[list(CARS.features)], dtype=float)
    booster = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(
        frame, rows[CARS.target.name]
    )
    given = ForeignModel(
        "lightgbm",
        booster.booster_.model_to_string().encode(),
        lambda rows: np.asarray(
            booster.predict_proba(pd.get_dummies(rows[list(CARS.features)], dtype=float))
        ),
        (0, 1),
        booster,
    )
    model = FORMATS["lightgbm"].load(given.content)
    predictor = native_predictor(model, manifest_of(given, CARS), CARS)
    arrays = CARS.encoder.to_arrays(CARS.encoder.to_records(rows))
    assert predictor.outputs(arrays) == pytest.approx(given.predict(rows)[:, 1], abs=1e-12)
    assert isinstance(predictor, NativePredictor)
    contributions = predictor.contributions(arrays)
    assert contributions is not None
    of_columns = pd.DataFrame(booster.predict(frame, pred_contrib=True), columns=[*frame, "base"])
    genders = of_columns.filter(like="Gender").sum(axis=1)
    for name, expected in {**of_columns[["Age", "AnnualSalary"]], "Gender": genders}.items():
        assert contributions[:, 0, CARS.features.index(name)] == pytest.approx(expected, abs=1e-12)


def test_features_and_codes_that_a_file_does_not_name_have_to_be_given() -> None:
    rows = load_dataset(CARS.dataset, CARS)
    matrix = np.column_stack([rows.Age, rows.Gender == "Female", rows.AnnualSalary]).astype(float)
    booster = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(matrix, rows.Purchased)
    model = FORMATS["xgboost"].load(bytes(booster.get_booster().save_raw("ubj")))
    with pytest.raises(Exception, match="--features Gender,Age,AnnualSalary"):
        map_inputs(model, CARS, MappingOptions())
    names = ("Age", "Gender", "AnnualSalary")
    with pytest.raises(Exception, match="--codes Gender=Female,Male"):
        map_inputs(model, CARS, MappingOptions(names))
    with pytest.raises(Exception, match="Height is neither a column"):
        map_inputs(model, CARS, MappingOptions(("Age", "Height", "AnnualSalary")))
    options = MappingOptions(names, {"Gender": ("Male", "Female")})
    manifest = Manifest("xgboost", "m", "", "3", map_inputs(model, CARS, options), (0, 1))
    arrays = CARS.encoder.to_arrays(CARS.encoder.to_records(rows))
    found = native_predictor(model, manifest, CARS).outputs(arrays)
    assert found == pytest.approx(booster.predict_proba(matrix)[:, 1], abs=1e-7)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04\x95pickle"], ids=repr)
@pytest.mark.parametrize("name", FORMATS)
def test_damaged_file_is_rejected(name: str, content: bytes) -> None:
    with pytest.raises(ModelRejected, match="does not load") as rejected:
        FORMATS[name].load(content)
    assert rejected.value.reason is ModelRejectionReason.LOAD
    assert "\n" not in str(rejected.value)


def test_model_that_predicts_neither_probabilities_nor_numbers_is_rejected() -> None:
    rows = load_dataset(CARS.dataset, CARS)
    objective = "reg:quantileerror"  # of several quantiles, it has an output for each
    booster = xgboost.XGBRegressor(
        n_estimators=2, n_jobs=1, objective=objective, quantile_alpha=[0.1, 0.9]
    ).fit(rows[["Age"]], rows.Purchased)
    with pytest.raises(ModelRejected, match=objective):
        FORMATS["xgboost"].load(bytes(booster.get_booster().save_raw("ubj")))


def test_missing_library_is_named_with_the_command_that_installs_it(
    boosted: ForeignModel,
) -> None:
    missing = replace(FORMATS["xgboost"], distributions=("not-installed",))
    with pytest.raises(ModelRejected, match=r"pip install 'intent-stream\[xgboost\]'") as rejected:
        missing.load(boosted.content)
    assert rejected.value.reason is ModelRejectionReason.LIBRARY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(Settings, data_dir=tmp_path)


def test_version_is_loaded_and_checked(
    boosted: ForeignModel, settings: Settings, tmp_path: Path
) -> None:
    checked = load_checked_model(saved(tmp_path, boosted, CARS), tmp_path, settings)
    assert 0 < checked.row_microseconds < 1_000


def test_version_of_a_newer_library_is_rejected(
    boosted: ForeignModel, settings: Settings, tmp_path: Path
) -> None:
    version = saved(tmp_path, boosted, CARS, library="99.1")
    with pytest.raises(ModelRejected, match=r"xgboost 99\.1") as rejected:
        load_checked_model(version, tmp_path, settings)
    assert rejected.value.reason is ModelRejectionReason.LIBRARY


@pytest.mark.parametrize("changed", ["model.ubj", MANIFEST_FILE])
def test_changed_file_is_rejected(
    boosted: ForeignModel, settings: Settings, tmp_path: Path, changed: str
) -> None:
    version = saved(tmp_path, boosted, CARS)
    file = tmp_path / changed
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ModelRejected) as rejected:
        load_checked_model(version, tmp_path, settings)
    assert rejected.value.reason is ModelRejectionReason.DIGEST


def test_manifest_beside_another_model_is_rejected(
    boosted: ForeignModel, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / MODEL_FILE).write_bytes(b"registered")
    version = ModelVersion("3", sha256(b"registered").hexdigest(), tmp_path)
    saved(tmp_path, boosted, CARS)
    with pytest.raises(ModelRejected) as rejected:
        load_checked_model(version, tmp_path, settings)
    assert rejected.value.reason is ModelRejectionReason.DIGEST


class Returns:
    """Returns given class probabilities, for each row the same."""

    def __init__(self, *row: float, seconds: float = 0) -> None:
        self.row = row
        self.seconds = seconds

    def all_outputs(self, features: FeatureArrays) -> NDArray[np.float64]:
        ends_at = time.process_time() + self.seconds * len(features[0])
        while time.process_time() < ends_at:
            pass
        return np.tile(self.row, (len(features[0]), 1))

    outputs = all_outputs


@pytest.mark.parametrize(
    ("model", "message", "reason"),
    [
        (Returns(np.nan, 0.5), "not numbers", ModelRejectionReason.INVALID),
        (Returns(-0.5, 1.5), "from -0.5 to 1.5", ModelRejectionReason.INVALID),
        (Returns(0.5, 0.6), "sum to 1.1", ModelRejectionReason.INVALID),
        (Returns(0.2, 0.3, 0.5), "shape", ModelRejectionReason.INVALID),
        (Returns(0.5, 0.5, seconds=2e-5), "us for a row", ModelRejectionReason.SLOW),
        (Returns(0.5, 0.5, seconds=1.1), "us for a row", ModelRejectionReason.SLOW),
    ],
    ids=["NaN", "range", "sum", "shape", "slow", "very slow"],
)
def test_model_without_valid_probabilities_in_time_is_rejected(
    model: LibraryPredictor, message: str, reason: ModelRejectionReason
) -> None:
    with pytest.raises(ModelRejected, match=message) as rejected:
        verify("version 4", model, CARS, 10)
    assert rejected.value.reason is reason


def test_probe_has_the_extremes_and_missing_values() -> None:
    schema = SCHEMAS["pumps"]
    arrays = dict(zip(schema.features, probe(schema), strict=True))
    assert (arrays["age"].min(), arrays["age"].max()) == (0, 60)
    assert set(arrays["maker"]) == set(range(-1, 5))
    assert np.isnan(arrays["vibration"]).any()
    assert not np.isnan(arrays["age"]).any()
    assert (arrays["hours"] % 1 == 0).all()


class Uncertain(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator of a package of ours, for the list of trusted types."""

    def fit(self, rows: pd.DataFrame, target: Any) -> "Uncertain":
        self.feature_names_in_ = np.array(rows.columns, dtype=object)
        self.classes_ = np.unique(target)
        return self

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        return np.full((len(rows), 2), 0.5)


def test_types_of_a_skops_file_can_be_trusted_by_a_setting(tmp_path: Path) -> None:
    rows = load_dataset(CARS.dataset, CARS)
    model = Uncertain().fit(rows[["AnnualSalary", "Age"]], rows.Purchased)
    skops.io.dump(model, tmp_path / MODEL_FILE)
    name = f"{Uncertain.__module__}.{Uncertain.__name__}"
    with pytest.raises(ModelRejected, match=f"{name}, .*INTENT_MODEL_TRUSTED_TYPES"):
        load_estimator("1", tmp_path / MODEL_FILE, CARS)
    settings = load(Settings, data_dir=tmp_path, model_trusted_types=name)
    predictor = load_predictor(ModelVersion("1", None), tmp_path, settings)
    assert predictor.outputs(probe(CARS))[0] == 0.5


def test_pipeline_of_other_scikit_learn_estimators_is_loaded(tmp_path: Path) -> None:
    """A notebook's pipeline with two of the columns, in an order of its own."""
    from sklearn.compose import make_column_transformer  # noqa: PLC0415
    from sklearn.ensemble import ExtraTreesClassifier  # noqa: PLC0415

    rows = load_dataset(CARS.dataset, CARS)
    encode = make_column_transformer((OneHotEncoder(), ["Gender"]), remainder="passthrough")
    model = make_pipeline(encode, ExtraTreesClassifier(5, random_state=0))
    model.fit(rows[["AnnualSalary", "Gender"]], rows.Purchased)
    skops.io.dump(model, tmp_path / MODEL_FILE)
    predictor = load_predictor(ModelVersion("1", None), tmp_path, load(Settings, data_dir=tmp_path))
    arrays = CARS.encoder.to_arrays(CARS.encoder.to_records(rows))
    expected = model.predict_proba(rows[["AnnualSalary", "Gender"]])[:, 1]
    assert predictor.outputs(arrays) == pytest.approx(expected, abs=1e-12)


def test_function_of_a_skops_file_is_never_run(tmp_path: Path) -> None:
    skops.io.dump(FunctionTransformer(subprocess.getoutput), tmp_path / MODEL_FILE)
    with pytest.raises(ModelRejected, match=r"subprocess\.getoutput"):
        load_estimator("1", tmp_path / MODEL_FILE, CARS)


def test_libraries_are_imported_only_for_their_files() -> None:
    code = (
        "import sys, contract.model.loading;"
        "print([n for n in ('xgboost', 'lightgbm', 'catboost', 'onnxruntime', 'sklearn', 'pandas')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
