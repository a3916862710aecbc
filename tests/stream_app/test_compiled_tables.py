"""Models of any schema are compiled, and agree with their library on records that neither saw."""

import tracemalloc
from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from contract.model.formats import FORMATS
from contract.model.loading import native_predictor
from contract.model.manifest import Manifest, ModelInput
from contract.model.predictor import LibraryPredictor, SklearnModel
from contract.schema import Column, Schema, Target
from contract.schema.features import FeatureArrays
from stream_app.models.compiled import compile_model
from stream_app.models.compiled.agreement import find_disagreement
from stream_app.models.compiled.linear_scores import LinearScores
from stream_app.models.compiled.tree_compiler import compile_trees
from stream_app.models.compiled.tree_masks import CHUNK_ROWS, TreeMasks
from tests.support.foreign_models import fit_foreign, manifest_of

ROWS = 1_500
COLUMNS = (
    Column("temperature", range=(-40, 80)),
    Column("pressure", range=(0, 1e6), nullable=True),
    Column("cycles", integer=True, range=(-5, 5)),
    Column("site", categories=("north", "south", "east")),
    Column("owner", categories=tuple(f"o{place}" for place in range(30)), nullable=True),
)
TARGETS = {
    "two": Target("fault", classes=(0, 1)),
    "first positive": Target("fault", classes=("worn", "none")),
    "three": Target("fault", classes=("none", "worn", "broken")),
    "number": Target("fault", range=(-1_000, 1_000), unit="mm"),
}
SCALED = make_pipeline(SimpleImputer(), StandardScaler())
SQUARED = make_pipeline(
    SimpleImputer(add_indicator=True), RobustScaler(), MinMaxScaler(), PolynomialFeatures(2)
)
ONE_HOT = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
MEANS = TargetEncoder()

SUPPORTED = [
    ("two", "passthrough", ONE_HOT, HistGradientBoostingClassifier(max_iter=20)),
    ("first positive", StandardScaler(), CODES, HistGradientBoostingClassifier(max_iter=20)),
    ("three", QuantileTransformer(), MEANS, HistGradientBoostingClassifier(max_iter=10)),
    ("number", "passthrough", ONE_HOT, HistGradientBoostingRegressor(max_iter=20)),
    ("first positive", SQUARED[:2], ONE_HOT, GradientBoostingClassifier(n_estimators=20)),
    ("two", "passthrough", ONE_HOT, RandomForestClassifier(20, max_leaf_nodes=64)),
    ("first positive", SCALED, CODES, RandomForestClassifier(20, max_depth=6)),
    ("three", MinMaxScaler(), MEANS, RandomForestClassifier(20, max_depth=6)),
    ("number", "passthrough", CODES, RandomForestRegressor(20, max_depth=6)),
    ("two", SCALED, ONE_HOT, LogisticRegression()),
    ("first positive", SQUARED, ONE_HOT, LogisticRegression(max_iter=1_000)),
    ("three", SQUARED, MEANS, LogisticRegression(max_iter=1_000)),
    ("number", make_pipeline(SimpleImputer(), MaxAbsScaler()), ONE_HOT, Ridge()),
]


def drawn(schema: Schema, rows: int, seed: int) -> FeatureArrays:
    """Records from the whole range of each column."""
    random = np.random.default_rng(seed)
    arrays: list[Any] = []
    for column in schema.inputs:
        if column.range is None:
            values: Any = random.integers(0, len(column.categories), rows)
            missing: Any = -1
        else:
            values = random.uniform(*column.range, rows)
            values = np.round(values) if column.integer else values
            missing = np.nan
        if column.nullable:
            values = np.where(random.random(rows) < 0.1, missing, values)
        arrays.append(values)
    return tuple(arrays)


def schema_of(target: str) -> Schema:
    return Schema("machines", "machines.csv", COLUMNS, TARGETS[target])


def labelled(schema: Schema) -> tuple[pd.DataFrame, Any]:
    """Records, and a target that depends on all columns."""
    features = drawn(schema, ROWS, 1)
    temperature, pressure, cycles, site, owner = features
    score = temperature / 20 + np.nan_to_num(pressure, nan=3e5) / 2e5 * (site - 1) + cycles
    score = score + (owner % 3) + np.random.default_rng(2).normal(size=ROWS)
    if not schema.task.numeric:
        classes = np.array(schema.target.classes)
        cuts = np.quantile(score, np.linspace(0, 1, len(classes) + 1)[1:-1])
        score = classes[np.searchsorted(cuts, score)]
    return schema.encoder.arrays_to_frame(features), score


def fit(target: str, numbers: Any, categories: Any, estimator: Any) -> SklearnModel:
    """A pipeline of scikit-learn."""
    schema = schema_of(target)
    encode = ColumnTransformer(
        [
            ("numbers", numbers, list(schema.numerical)),
            ("categories", categories, list(schema.categorical)),
        ]
    )
    pipeline = Pipeline([("encode", encode), ("model", estimator)])
    return SklearnModel(pipeline.fit(*labelled(schema)), schema)


def check_agreement(compiled: Any, model: LibraryPredictor, tolerance: float) -> None:
    """On records that it was not checked with, in batches of any size."""
    records = drawn(model.schema, 20_000, 3)
    assert find_disagreement(compiled, model, records, model.schema, 0.4) is None
    assert np.abs(compiled.outputs(records) - model.outputs(records)).max() < tolerance
    for rows in (0, 1, CHUNK_ROWS + 1):
        some = tuple(each[:rows] for each in records)
        assert compiled.outputs(some) == pytest.approx(compiled.outputs(records)[:rows], abs=1e-12)


@pytest.mark.parametrize(
    ("target", "numbers", "categories", "estimator"),
    SUPPORTED,
    ids=[f"{type(each[-1]).__name__}-{each[0]}" for each in SUPPORTED],
)
def test_compiled_model_agrees_on_records_that_it_was_not_checked_with(
    target: str, numbers: Any, categories: Any, estimator: Any
) -> None:
    model = fit(target, numbers, categories, estimator)
    compiled = compile_model(model, 0.4)
    linear = isinstance(estimator, LogisticRegression | Ridge)
    assert isinstance(compiled, LinearScores if linear else TreeMasks)
    check_agreement(compiled, model, 1e-11)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("lightgbm", "two"),
        ("lightgbm", "first positive"),
        ("lightgbm", "three"),
        ("xgboost", "first positive"),
        ("xgboost", "three"),
    ],
)
def test_trees_of_other_libraries_are_compiled(kind: str, target: str) -> None:
    schema = schema_of(target)
    frame, outcomes = labelled(schema)
    given = fit_foreign(kind, frame.assign(fault=outcomes), schema)
    loaded = FORMATS[kind].load(given.content)
    model = native_predictor(loaded, manifest_of(given, schema), schema)
    compiled = compile_model(model, 0.4)
    assert isinstance(compiled, TreeMasks)
    # XGBoost adds in single precision
    check_agreement(compiled, model, 1e-6 if kind == "xgboost" else 1e-11)


@pytest.mark.parametrize("kind", ["lightgbm", "xgboost"])
def test_trees_of_numbers_and_missing_ones_are_compiled(kind: str) -> None:
    schema = schema_of("number")
    frame, outcomes = labelled(schema)
    numbers = frame[list(schema.numerical)]
    if kind == "lightgbm":
        light = lightgbm.LGBMRegressor(n_estimators=20, n_jobs=1, verbose=-1)
        content = light.fit(numbers, outcomes).booster_.model_to_string().encode()
    else:
        boosted = xgboost.XGBRegressor(n_estimators=20, n_jobs=1).fit(numbers, outcomes)
        content = bytes(boosted.get_booster().save_raw("ubj"))
    inputs = tuple(ModelInput(name, name) for name in schema.numerical)
    manifest = Manifest(kind, "", "", "0", inputs, ())
    model = native_predictor(FORMATS[kind].load(content), manifest, schema)
    compiled = compile_model(model, 0.5)
    assert isinstance(compiled, TreeMasks)
    check_agreement(compiled, model, 1e-5 if kind == "xgboost" else 1e-11)


@pytest.mark.parametrize(
    ("numbers", "estimator"),
    [
        ("passthrough", RandomForestClassifier(5, max_leaf_nodes=65)),
        ("passthrough", HistGradientBoostingClassifier(max_iter=2_001, max_leaf_nodes=2)),
        (
            make_pipeline(SimpleImputer(), PolynomialFeatures(2)),
            RandomForestClassifier(5, max_depth=3),
        ),
        (make_pipeline(SimpleImputer(), PolynomialFeatures(3)), LogisticRegression(max_iter=9)),
        (make_pipeline(SimpleImputer(), QuantileTransformer()), LogisticRegression()),
    ],
    ids=["leaves", "trees", "products of inputs", "cubic", "curved"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_other_models_are_not_compiled(numbers: Any, estimator: Any) -> None:
    assert compile_model(fit("two", numbers, ONE_HOT, estimator), 0.5) is None


def test_edge_that_is_off_by_one_number_is_detected_in_any_schema() -> None:
    model = fit("two", "passthrough", ONE_HOT, HistGradientBoostingClassifier(max_iter=20))
    compiled = compile_trees(model)
    assert compiled is not None
    edges = compiled.edges.copy()
    edges[0] = np.nextafter(edges[0], np.inf)
    off = replace(compiled, edges=edges)
    assert find_disagreement(off, model, compiled.checks(model.schema), model.schema, 0.5)


def test_linear_model_of_10_000_categories_needs_no_dense_matrix() -> None:
    names = tuple(f"item {place}" for place in range(10_000))
    schema = Schema("items", "items.csv", (Column("item", categories=names),), TARGETS["two"])
    codes = np.arange(20_000) % len(names)
    encode = ColumnTransformer([("item", OneHotEncoder(categories=[list(names)]), ["item"])])
    pipeline = Pipeline([("encode", encode), ("model", LogisticRegression())])
    pipeline.fit(schema.encoder.arrays_to_frame((codes,)), codes % 2)
    tracemalloc.start()
    try:
        compiled = compile_model(SklearnModel(pipeline, schema), 0.5)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(compiled, LinearScores)
    assert peak < 100e6
