"""A model of trees, whichever library it is of. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from contract.model.predictor import (
    LibraryPredictor,
    NativePredictor,
    NativeRegressor,
    SklearnModel,
)
from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled import lightgbm_trees, sklearn_trees, xgboost_trees
from stream_app.models.compiled.encoding import class_order, encode, last_step
from stream_app.models.compiled.trees import Ensemble

MAX_VALUES: Final = 20_000_000
"""Values of an encoded matrix, 160 MB."""


@dataclass(frozen=True)
class TreeModel:
    """A model of trees.

    Attributes:
        schema: Of the records.
        ensemble: Its trees, with outputs in the order of the schema.
        encode: What the trees compare, of n records, shape (n, columns).
        scores: The scores of n records that its library computes, if they are sums of trees: shape
            (n, outputs), of two classes the log-odds of the positive one alone.
    """

    schema: Schema
    ensemble: Ensemble
    encode: Callable[[FeatureArrays], Floats]
    scores: Callable[[FeatureArrays], Floats]


def tree_model(model: LibraryPredictor) -> TreeModel | None:
    """The trees of a model; None if it is not made of trees, or of trees of another kind."""
    if isinstance(model, SklearnModel):
        return _of_sklearn(model)
    if isinstance(model, NativePredictor | NativeRegressor):
        return _of_library(model)
    return None


def _of_sklearn(model: SklearnModel) -> TreeModel | None:
    ensemble = sklearn_trees.read_trees(last_step(model))
    if ensemble is None:
        return None
    order = class_order(model)

    def encode_dense(features: FeatureArrays) -> Floats:
        encoded = encode(model, features)
        if encoded.shape[0] * encoded.shape[1] > MAX_VALUES:
            raise ValueError(f"{encoded.shape[0]} x {encoded.shape[1]} values are too many")
        dense = encoded.toarray() if hasattr(encoded, "toarray") else encoded
        return np.asarray(dense, dtype=np.float64)

    def scores(features: FeatureArrays) -> Floats:
        if model.schema.task.numeric:
            return _columns(model.outputs(features), order)
        return _columns(model.estimator.decision_function(model.to_frame(features)), order)

    return TreeModel(model.schema, ensemble.in_order(order), encode_dense, scores)


def _of_library(model: NativePredictor | NativeRegressor) -> TreeModel | None:
    native: Any = model.model
    convert: Callable[[Any], Floats] = np.asarray
    match type(native).__name__:
        case "LightGBMModel":
            ensemble = lightgbm_trees.read_trees(native.booster)
            convert = lightgbm_trees.round_to_zero
        case "XGBoostModel":
            ensemble = xgboost_trees.read_trees(native.booster, native.iterations)
        case _:
            return None
    if ensemble is None:
        return None
    return TreeModel(
        model.schema,
        ensemble.in_order(model.order),
        lambda features: convert(native.matrix(model.read(features))),
        lambda features: _columns(native.scores(model.read(features)), model.order),
    )


def _columns(scores: Any, order: list[int]) -> Floats:
    """A library's scores, shape (n,) or (n, outputs), as `TreeModel` has them."""
    columns: Floats = np.asarray(scores, dtype=np.float64).reshape(len(scores), -1)
    if order and columns.shape[1] == 1:  # log-odds of the model's second class
        return columns if order[1] else -columns
    return np.take(columns, order or [0], axis=1)
