"""Models of other libraries, fitted as in a notebook, and what the libraries predict themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import OrdinalEncoder

from contract.model.formats import FORMATS
from contract.model.manifest import Manifest
from contract.schema import Schema
from training.adoption.mapping import map_classes, map_inputs
from training.adoption.request import MappingOptions


@dataclass(frozen=True)
class ForeignModel:
    """A fitted model.

    Attributes:
        format: Name of its format.
        content: Its file.
        predict: The library's own probabilities of the rows of a data set, in the order of classes.
        classes: The classes in that order.
        estimator: What MLflow's API logs.
    """

    format: str
    content: bytes
    predict: Callable[[pd.DataFrame], NDArray[np.float64]]
    classes: tuple[Any, ...]
    estimator: Any


def fit_foreign(kind: str, rows: pd.DataFrame, schema: Schema, trees: int = 20) -> ForeignModel:
    """Fits a model of a format to the rows of a data set, with its library's defaults."""
    return FITS[kind](rows, schema, trees)


def manifest_of(given: ForeignModel, schema: Schema) -> Manifest:
    """The manifest that `intent register` writes."""
    chosen = FORMATS[given.format]
    model = chosen.load(given.content)
    options = MappingOptions(classes=tuple(map(str, given.classes)))
    inputs = map_inputs(model, schema, options)
    return Manifest(
        chosen.name,
        f"model{chosen.suffixes[0]}",
        sha256(given.content).hexdigest(),
        str(chosen.installed_version()),
        inputs,
        map_classes(model, inputs, schema, options),
    )


def _categorical(rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Features as a notebook has them after `astype("category")`, in alphabetical order."""
    categories = {
        column.name: pd.CategoricalDtype(sorted(column.categories))
        for column in schema.inputs
        if not column.numerical
    }
    return rows[list(schema.features)].astype(categories)


def _codes(rows: pd.DataFrame, schema: Schema) -> tuple[NDArray[Any], tuple[Any, ...]]:
    """What scikit-learn's LabelEncoder makes of the target."""
    classes = tuple(sorted(schema.classes.values))
    return np.array([classes.index(each) for each in rows[schema.target.name]]), classes


def _written(save: Callable[[str], object], name: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, name)
        save(str(file))
        return file.read_bytes()


def _xgboost(rows: pd.DataFrame, schema: Schema, trees: int) -> ForeignModel:
    target, classes = _codes(rows, schema)
    model = xgboost.XGBClassifier(n_estimators=trees, enable_categorical=True, n_jobs=1)
    model.fit(_categorical(rows, schema), target)
    return ForeignModel(
        "xgboost",
        _written(model.save_model, "model.ubj"),
        lambda frame: np.asarray(model.predict_proba(_categorical(frame, schema))),
        classes,
        model,
    )


def _lightgbm(rows: pd.DataFrame, schema: Schema, trees: int) -> ForeignModel:
    model = lightgbm.LGBMClassifier(n_estimators=trees, n_jobs=1, verbose=-1)
    model.fit(_categorical(rows, schema), rows[schema.target.name])
    return ForeignModel(
        "lightgbm",
        _written(model.booster_.save_model, "model.lgb"),
        lambda frame: np.asarray(model.predict_proba(_categorical(frame, schema))),
        tuple(model.classes_.tolist()),
        model,
    )


def _catboost(rows: pd.DataFrame, schema: Schema, trees: int) -> ForeignModel:
    features = [name for name in schema.features if name not in _optional_categories(schema)]
    model = catboost.CatBoostClassifier(
        iterations=trees,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
        cat_features=[name for name in schema.categorical if name in features],
    )
    model.fit(rows[features], rows[schema.target.name])
    return ForeignModel(
        "catboost",
        _written(model.save_model, "model.cbm"),
        lambda frame: np.asarray(model.predict_proba(frame[features])),
        tuple(model.classes_.tolist()),
        model,
    )


def _onnx(rows: pd.DataFrame, schema: Schema, trees: int) -> ForeignModel:
    """A forest that takes text and float columns, converted with the defaults of skl2onnx."""
    from sklearn.compose import make_column_transformer  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415

    features = [name for name in schema.features if name not in _optional_categories(schema)]
    texts = [name for name in schema.categorical if name in features]
    numbers = list(schema.numerical)
    encode = make_column_transformer((OrdinalEncoder(), texts), (SimpleImputer(), numbers))
    forest = RandomForestClassifier(n_estimators=trees, max_depth=6, random_state=1)
    model = make_pipeline(encode, forest).fit(rows[features], rows[schema.target.name])
    inputs = [
        (name, (StringTensorType if name in texts else FloatTensorType)([None, 1]))
        for name in features
    ]
    converted = to_onnx(model, initial_types=inputs)

    def predict(frame: pd.DataFrame) -> NDArray[np.float64]:
        single = frame[features].astype(dict.fromkeys(numbers, np.float32))
        return np.asarray(model.predict_proba(single))

    content = converted.SerializeToString()
    return ForeignModel("onnx", content, predict, tuple(model.classes_.tolist()), converted)


def _optional_categories(schema: Schema) -> set[str]:
    return set(schema.nullable) & set(schema.categorical)


FITS: dict[str, Callable[[pd.DataFrame, Schema, int], ForeignModel]] = {
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "onnx": _onnx,
}
