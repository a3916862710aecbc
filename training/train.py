"""Labelled rows -> a fitted model, its held-out rows and its reference set. Pure."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV

from contract.errors import BadSetting
from contract.model.predictor import predict
from contract.schema import Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule, Floats
from training.custom_estimator import create_estimator
from training.estimators import build_pipeline, categorical_columns
from training.lookback.holdout import holdout_mask
from training.lookback.rows import count_stream_rows
from training.lookback.selection import FOLDS as LOOKBACK_FOLDS
from training.lookback.selection import LookbackCandidate, lookback_lengths, select_lookback
from training.regularisation import (
    DEFAULT_PARAMS,
    LogisticParams,
    choose_params,
    count_terms,
)
from training.regularisation import FOLDS as PARAMS_FOLDS
from training.settings import DEFAULT_INTERVAL_LEVEL
from training.task import FOLDS, task_of
from training.threshold import EQUAL_COSTS, Costs

MAX_REFERENCE_ROWS: Final = 50_000
"""Rows of the reference set, evenly spaced. Monitoring reads them all, and Evidently compares each
window with them. The standard error of a share is then 0.2 points at most."""


@dataclass(frozen=True)
class TrainingParams:
    """Parameters of a training; with the same rows they give the same model.

    Attributes:
        schema: of the rows.
        estimator: a kind of model, or `package.module:factory`.
        random_state: seed of the split, the folds and the estimator.
        held_out_ratio: share of the rows that is not fitted.
        evaluation_rows: rows of the stream, the last ones, that are the newest window.
        class_weight: INTENT_CLASS_WEIGHT.
        costs: of wrong predictions of two classes.
        interval_level: of the prediction interval of a numeric target.
    """

    schema: Schema
    estimator: str
    random_state: int
    held_out_ratio: float
    evaluation_rows: int
    class_weight: str = "none"
    costs: Costs = EQUAL_COSTS
    interval_level: float = DEFAULT_INTERVAL_LEVEL


@dataclass(frozen=True)
class TrainingResult:
    """What a training yields.

    Attributes:
        model: fitted on the selected rows that were not held out.
        held_out: the held-out rows of the selected lookback: features, dates and target.
        reference: the rows of `contract.registry.REFERENCE_FILE`, which drift is measured against,
            that is the newest window, or all rows if none is of the stream; at most
            `MAX_REFERENCE_ROWS` of them. No model that predicted a row was fitted on it.
        newest: how many held-out rows, the last ones, are of the newest window.
        rows: rows of the selected lookback, held out or not.
        lookbacks: the lookbacks that were compared.
        logistic: hyperparameters of a logistic or linear model.
        rule: decision threshold of two classes, or prediction interval of numbers, chosen on
            the held-out rows.
    """

    model: Any
    held_out: pd.DataFrame
    reference: pd.DataFrame
    newest: int = 0
    rows: int = 0
    lookbacks: tuple[LookbackCandidate, ...] = ()
    logistic: LogisticParams = DEFAULT_PARAMS
    rule: DecisionRule = DEFAULT_RULE


def train(rows: pd.DataFrame, params: TrainingParams) -> TrainingResult:
    """Selects the lookback and fits a model on its rows.

    Args:
        rows: as in `training.lookback.rows`.
        params: of the training.

    Raises:
        BadDataset: too few rows of a class to fit and to score a model.
        BadSetting: the estimator, its class weights or the costs do not fit the schema.
    """
    schema, task = params.schema, task_of(params.schema)
    task.check_settings(params.costs, params.class_weight)
    newest = min(params.evaluation_rows, count_stream_rows(rows))
    held_out = holdout_mask(rows, params.held_out_ratio, params.random_state, schema)
    logistic = _logistic_params(rows[~held_out], params)
    selected, lookbacks = 0, [LookbackCandidate(len(rows))]
    lengths = [len(rows)]
    newest_target = rows.tail(newest)[schema.target.name][~held_out[len(rows) - newest :]]
    if task.has_enough_rows(newest_target):
        lengths = lookback_lengths(newest, count_stream_rows(rows), len(rows))
        counts = [int((~held_out[-length:]).sum()) for length in lengths]

        def fit_losses(fit: pd.DataFrame, validate: pd.DataFrame) -> Floats:
            return _losses(_fit_model(fit, params, logistic), validate, schema)

        splits = task.split(
            task.encode(rows[~held_out][schema.target.name].tail(counts[0])),
            LOOKBACK_FOLDS,
            params.random_state,
        )
        selected, lookbacks = select_lookback(rows[~held_out], counts, splits, fit_losses)
    length = lengths[selected]
    held_out = held_out[-length:]
    result = _fit(rows.tail(length), held_out, params, newest or len(rows), logistic)
    return replace(
        result,
        newest=int(held_out[len(held_out) - newest :].sum()),
        lookbacks=tuple(
            replace(lookback, rows=length)
            for lookback, length in zip(lookbacks, lengths, strict=True)
        ),
    )


def fit(
    frame: pd.DataFrame,
    estimator: str,
    random_state: int,
    held_out_ratio: float,
    schema: Schema,
) -> TrainingResult:
    """Fits a model without look-back selection.

    Args:
        frame: features and target.
        estimator: kind of model.
        random_state: seed of the split, the folds and the estimator.
        held_out_ratio: share of the rows that is not fitted.
        schema: of the frame.

    Raises:
        BadDataset: too few rows of a class to fit and to score a model.
    """
    params = TrainingParams(schema, estimator, random_state, held_out_ratio, 0)
    held_out = holdout_mask(frame, held_out_ratio, random_state, schema)
    return _fit(frame, held_out, params, len(frame), _logistic_params(frame[~held_out], params))


def outputs(model: Any, rows: pd.DataFrame, schema: Schema) -> Floats:
    """The model's outputs of the rows, as `contract.schema.task` has them."""
    return predict(model, rows[list(schema.features)], schema)


def _logistic_params(rows: pd.DataFrame, params: TrainingParams) -> LogisticParams:
    """The default for other estimators, and for too few rows: those raise later."""
    schema, task = params.schema, task_of(params.schema)
    target = rows[schema.target.name]
    if params.estimator not in ("logistic", "linear") or not task.has_enough_rows(target):
        return DEFAULT_PARAMS

    def fit_losses(logistic: LogisticParams, fit: pd.DataFrame, validate: pd.DataFrame) -> Floats:
        return _losses(_fit_model(fit, params, logistic), validate, schema)

    encoded = sum(len(column.categories) for column in categorical_columns(schema))
    coefficients = count_terms(len(schema.numerical)), encoded
    splits = task.split(task.encode(target), PARAMS_FOLDS, params.random_state)
    return choose_params(rows, coefficients, splits, fit_losses)


def _losses(model: Any, rows: pd.DataFrame, schema: Schema) -> Floats:
    task = task_of(schema)
    return task.losses(task.encode(rows[schema.target.name]), outputs(model, rows, schema))


def _fit(
    frame: pd.DataFrame,
    held_out: NDArray[np.bool_],
    params: TrainingParams,
    newest: int,
    logistic: LogisticParams,
) -> TrainingResult:
    schema, task = params.schema, task_of(params.schema)
    columns = [*schema.features, *schema.temporal, schema.target.name]
    rows = frame[columns].reset_index(drop=True)
    task.check_rows(rows[schema.target.name], held_out)
    model = _fit_model(rows[~held_out], params, logistic)
    actual = task.encode(rows[held_out][schema.target.name])
    held_out_outputs = outputs(model, rows[held_out], schema)
    rule = task.choose_decision_rule(actual, held_out_outputs, params.costs, params.interval_level)
    # rows that were held out are as good as folds, and need no more fits
    unseen = np.flatnonzero(held_out)
    unseen = unseen[unseen >= len(rows) - newest]
    if len(unseen) >= MAX_REFERENCE_ROWS:
        positions = unseen[reference_positions(len(unseen))]
        predicted = outputs(model, rows.iloc[positions], schema)
    else:
        positions = len(rows) - newest + reference_positions(newest)
        predicted = _out_of_fold(rows, params, logistic)[positions]
    reference = rows.iloc[positions].reset_index(drop=True)
    reference = reference.assign(**task.reference_columns(predicted, rule))
    return TrainingResult(
        model, rows[held_out], reference, rows=len(rows), logistic=logistic, rule=rule
    )


def reference_positions(count: int) -> NDArray[np.int64]:
    """Positions of the reference set's rows among `count` rows: evenly spaced if they are many."""
    return evenly_spaced(count, MAX_REFERENCE_ROWS)


def evenly_spaced(count: int, max_positions: int) -> NDArray[np.int64]:
    """Positions of at most `max_positions` of `count` rows, with the first and the last one."""
    return np.linspace(0, count - 1, min(count, max_positions)).astype(np.int64)


def _fit_model(rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams) -> Any:
    model = build_model(params, logistic, len(rows))
    return model.fit(rows[list(params.schema.features)], rows[params.schema.target.name])


def build_model(
    params: TrainingParams, logistic: LogisticParams = DEFAULT_PARAMS, rows: int = 0
) -> Any:
    """The unfitted model of a training on so many rows.

    With class weights, its probabilities are calibrated on folds without weights: they would
    otherwise be those of other class frequencies.

    Raises:
        BadSetting: the estimator or the class weights are not valid.
    """
    kinds = task_of(params.schema).estimators
    kind = next((kind for kind in kinds if kind == params.estimator), None)
    if kind is None and ":" not in params.estimator:
        raise BadSetting(
            f"INTENT_ESTIMATOR={params.estimator} does not fit the target "
            f"{params.schema.target.name}: choose {', '.join(kinds)}, or package.module:factory"
        )
    if kind is None:
        model = create_estimator(params.estimator, params.schema, params.random_state)
    else:
        model = build_pipeline(kind, params.random_state, params.schema, logistic, rows)
    if params.class_weight == "none":
        return model
    names = [
        name
        for name in model.get_params(deep=True)
        if name == "class_weight" or name.endswith("__class_weight")
    ]
    if not names:
        raise BadSetting(
            f"INTENT_CLASS_WEIGHT={params.class_weight} needs an estimator with the parameter "
            f"class_weight, and {params.estimator} has none: unset it"
        )
    model.set_params(**dict.fromkeys(names, _class_weight(params)))
    return CalibratedClassifierCV(model, method="sigmoid", cv=FOLDS, ensemble=False)


def _class_weight(params: TrainingParams) -> Any:
    """The weights as scikit-learn takes them."""
    if params.class_weight == "balanced":
        return params.class_weight
    weights = [float(text) for text in params.class_weight.split(",")]
    values = params.schema.classes.values
    if len(weights) != len(values):
        raise BadSetting(
            f"INTENT_CLASS_WEIGHT={params.class_weight} has {len(weights)} weights, and "
            f"{params.schema.target.name} has the classes {', '.join(map(str, values))}: set one "
            "weight for each, in this order"
        )
    return dict(zip(values, weights, strict=True))


def _out_of_fold(rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams) -> Floats:
    """Outputs of each row by a model that has not seen it, as for the stream."""
    task, features = task_of(params.schema), rows[list(params.schema.features)]
    model = build_model(params, logistic, len(rows))
    return task.out_of_fold(model, features, rows[params.schema.target.name], params.random_state)
