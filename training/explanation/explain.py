"""A model and a record -> what each feature contributes to the model's score. Pure."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from contract.model.predictor import NativePredictor, predict
from contract.schema import Schema
from contract.schema.task import Floats
from training.explanation.shapley import MAX_FEATURES_OF_ALL_ORDERS, Score, shapley_values
from training.model_loading import NativeEstimator, input_arrays
from training.train import evenly_spaced

BACKGROUND_ROWS: Final = 100
"""Rows of the reference set that the record is compared with, evenly spaced."""

TOLERANCE: Final = 1e-6
"""Maximum difference between probabilities and those of scores that are log-odds."""

LOG_ODDS: Final = "log-odds"
SOFTMAX: Final = "score before softmax"
PROBABILITY: Final = "probability"
NUMBER: Final = "number"


@dataclass(frozen=True)
class Explanation:
    """What the features of a record contribute to its score.

    Attributes:
        label: the class whose score it is: the positive one of two, else the predicted one; None
            of a numeric target.
        scale: of the score: `LOG_ODDS`, `SOFTMAX`, `PROBABILITY`, or the `NUMBER` itself.
        method: how the contributions were computed, and compared with what.
        base: the score without knowing the record.
        contributions: by feature, in the order of the schema; with `base` they sum to the score.
        values: of the record by feature, None where missing.
        output: probability of the class, or the number, that the model gives now.
    """

    label: Any
    scale: str
    method: str
    base: float
    contributions: dict[str, float]
    values: dict[str, Any]
    output: float

    @property
    def score(self) -> float:
        """The record's score."""
        return self.base + sum(self.contributions.values())


def explain(
    model: Any, record: pd.DataFrame, reference: pd.DataFrame, schema: Schema
) -> Explanation:
    """Explains a record.

    Classifiers of XGBoost, LightGBM and CatBoost are explained by their libraries' TreeSHAP
    (Lundberg et al., Nature Machine Intelligence 2, 2020), other models by `shapley_values`.

    Args:
        model: as `training.model_loading.load_model` returns it.
        record: one row of `FeatureEncoder.to_frame`.
        reference: the version's reference set.
        schema: of both.
    """
    multiclass = not schema.task.numeric and schema.classes.multiclass
    output = outputs(model, record, schema)
    code = int(output[0].argmax()) if multiclass else 1
    native = _tree_shap(model, record, schema, code)
    if native is None:
        background = reference.iloc[evenly_spaced(len(reference), BACKGROUND_ROWS)]
        names = list(schema.features)
        score, scale = _score(model, background, schema, code)
        base, contributions = shapley_values(score, record[names], background[names])
        exact = len(names) <= MAX_FEATURES_OF_ALL_ORDERS
        method = f"Shapley values{'' if exact else ' by permutations'}, compared with "
        method += f"{len(background)} rows of the version's reference set"
    else:
        base, contributions = native
        scale = SOFTMAX if multiclass else LOG_ODDS
        method = "TreeSHAP of the model's library, compared with the rows that it was fitted on"
    return Explanation(
        label=None if schema.task.numeric else schema.classes.values[code],
        scale=scale,
        method=method,
        base=base,
        contributions=dict(zip(schema.features, contributions.tolist(), strict=True)),
        values={
            name: None if pd.isna(value := record[name].tolist()[0]) else value
            for name in schema.features
        },
        output=float(output[0, code] if multiclass else output[0]),
    )


def _tree_shap(
    model: Any, record: pd.DataFrame, schema: Schema, code: int
) -> tuple[float, Floats] | None:
    """Base and contributions by the model's own library; None if it has none."""
    if not isinstance(model, NativeEstimator) or not isinstance(model.predictor, NativePredictor):
        return None
    contributions = model.predictor.contributions(input_arrays(record, schema))
    if contributions is None:
        return None
    of_class = contributions[0, code if schema.classes.multiclass else 0]
    return float(of_class[-1]), of_class[:-1]


def _score(model: Any, rows: pd.DataFrame, schema: Schema, code: int) -> tuple[Score, str]:
    """The score of a class, on the scale on which the model adds up, if it has one; or the number.

    Whether a `decision_function` is that is seen from the rows' probabilities.
    """
    if schema.task.numeric:
        return lambda frame: outputs(model, frame, schema), NUMBER
    multiclass = schema.classes.multiclass
    place = np.asarray(model.classes_).tolist().index(schema.classes.values[code])
    sign = -1.0 if place == 0 and not multiclass else 1.0

    def decisions(frame: pd.DataFrame) -> Floats:
        return np.asarray(model.decision_function(_columns(model, frame, schema)), np.float64)

    def decide(frame: pd.DataFrame) -> Floats:
        values = decisions(frame)
        return values[:, place] if multiclass else sign * values

    def probability(frame: pd.DataFrame) -> Floats:
        probabilities = outputs(model, frame, schema)
        return probabilities[:, code] if multiclass else probabilities

    if hasattr(model, "decision_function"):
        raw = decisions(rows)
        expected = np.asarray(model.predict_proba(_columns(model, rows, schema)), np.float64)
        if multiclass and raw.shape == expected.shape:
            if np.allclose(softmax(raw, axis=1), expected, rtol=0, atol=TOLERANCE):
                return decide, SOFTMAX
        elif not multiclass and np.allclose(expit(raw), expected[:, 1], rtol=0, atol=TOLERANCE):
            return decide, LOG_ODDS
    return probability, PROBABILITY


def outputs(model: Any, rows: pd.DataFrame, schema: Schema) -> Floats:
    """The model's outputs of rows, as `contract.schema.task` defines them."""
    return predict(model, _columns(model, rows, schema), schema)


def _columns(model: Any, rows: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """The columns in the order of the model."""
    return rows[list(getattr(model, "feature_names_in_", schema.features))]
