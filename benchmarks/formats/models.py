"""Models of each format, with 100 trees of depth 6, and the way their libraries document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from contract.model.formats import FORMATS
from contract.model.loading import native_predictor
from contract.model.manifest import Manifest
from contract.model.predictor import LibraryPredictor, Predictor, SklearnModel
from contract.schema import Schema
from contract.schema.task import DEFAULT_THRESHOLD
from stream_app.models.compiled import compile_model
from training.adoption.mapping import map_classes, map_inputs
from training.adoption.request import MappingOptions

TREES: Final = 100
DEPTH: Final = 6


@dataclass(frozen=True)
class FormatContender:
    """A fitted model.

    Attributes:
        name: Format, and kind of model.
        predictor: As a worker has it.
        on_frame: The library's own prediction for a DataFrame, as a notebook calls it.
    """

    name: str
    predictor: Predictor
    on_frame: Callable[[pd.DataFrame], Any]


def contenders(rows: pd.DataFrame, schema: Schema) -> Iterator[FormatContender]:
    """Fits a model of each format to labelled rows."""
    features, target = rows[list(schema.features)], rows[schema.target.name]
    yield from _scikit_learn(features, target, schema)
    classes = sorted(schema.classes.values)
    codes = target.map(classes.index)
    types = {name: pd.CategoricalDtype(sorted(set(features[name].dropna()))) for name in
             schema.categorical}  # fmt: skip
    categorical = features.astype(types)

    boosted = xgboost.XGBClassifier(
        n_estimators=TREES, max_depth=DEPTH, enable_categorical=True, n_jobs=1
    ).fit(categorical, codes)
    yield FormatContender(
        "XGBoost",
        _native("xgboost", _file(boosted.save_model, "m.ubj"), schema, classes),
        lambda given: boosted.predict_proba(given.astype(types)),
    )

    light = lightgbm.LGBMClassifier(
        n_estimators=TREES, max_depth=DEPTH, num_leaves=2**DEPTH - 1, n_jobs=1, verbose=-1
    ).fit(categorical, target)
    yield FormatContender(
        "LightGBM",
        _native("lightgbm", _file(light.booster_.save_model, "m.lgb"), schema, classes),
        lambda given: light.predict_proba(given.astype(types)),
    )

    texts = [name for name in schema.categorical if name not in schema.nullable]
    used = [name for name in schema.features if name in texts or name in schema.numerical]
    cat = catboost.CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        cat_features=texts,
        thread_count=1,
        silent=True,
        allow_writing_files=False,
    ).fit(features[used], target)
    yield FormatContender(
        "CatBoost",
        _native("catboost", _file(cat.save_model, "m.cbm"), schema, classes),
        lambda given: cat.predict_proba(given[used], thread_count=1),
    )

    encode = make_column_transformer(
        (OneHotEncoder(), texts), (SimpleImputer(), list(schema.numerical))
    )
    forest = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=0)
    pipeline = make_pipeline(encode, forest).fit(features[used], target)
    inputs = [
        (name, (StringTensorType if name in texts else FloatTensorType)([None, 1])) for name in used
    ]
    content = to_onnx(pipeline, initial_types=inputs, options={"zipmap": False}).SerializeToString()
    yield FormatContender(
        "ONNX Runtime, random forest",
        _native("onnx", content, schema, classes),
        lambda given: pipeline.predict_proba(given[used]),
    )


def _scikit_learn(
    features: pd.DataFrame, target: pd.Series, schema: Schema
) -> Iterator[FormatContender]:
    kinds = {
        "logistic regression": LogisticRegression(max_iter=1_000),
        "random forest": RandomForestClassifier(TREES, max_depth=DEPTH, random_state=0),
        "histogram gradient boosting": HistGradientBoostingClassifier(
            max_iter=TREES, max_depth=DEPTH
        ),
    }
    for name, kind in kinds.items():
        encode = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(schema.categorical)),
            (make_pipeline(SimpleImputer(), StandardScaler()), list(schema.numerical)),
        )
        model = make_pipeline(encode, kind).fit(features, target)
        yield FormatContender(
            f"scikit-learn, {name}", _served(SklearnModel(model, schema)), model.predict_proba
        )


def _served(model: LibraryPredictor) -> Predictor:
    """The model as a worker has it."""
    return compile_model(model, DEFAULT_THRESHOLD) or model


def _native(name: str, content: bytes, schema: Schema, classes: list[Any]) -> Predictor:
    model = FORMATS[name].load(content)
    options = MappingOptions(classes=tuple(map(str, classes)))
    inputs = map_inputs(model, schema, options)
    order = map_classes(model, inputs, schema, options)
    return _served(native_predictor(model, Manifest(name, "", "", "0", inputs, order), schema))


def _file(save: Callable[[str], object], name: str) -> bytes:
    with TemporaryDirectory() as folder:
        save(str(Path(folder, name)))
        return Path(folder, name).read_bytes()


def ten_numbers(rows: int) -> tuple[Schema, pd.DataFrame]:
    """A table of ten numerical columns and two classes, always the same."""
    from contract.schema import Column, Target  # noqa: PLC0415

    columns = tuple(Column(f"x{index}", range=(-10, 10)) for index in range(10))
    schema = Schema("ten-numbers", "", columns, Target("y", classes=(0, 1)))
    random = np.random.default_rng(0)
    values = random.normal(size=(rows, 10)).clip(-10, 10)
    score = values[:, 0] * values[:, 1] + np.sin(values[:, 2]) + values[:, 3:].mean(axis=1)
    frame = pd.DataFrame(values, columns=list(schema.features))
    return schema, frame.assign(y=(score + random.normal(size=rows) > 0).astype(int))
