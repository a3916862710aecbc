"""Labelled rows -> a fitted model, its held-out rows and its reference set. Pure."""

from dataclasses import dataclass, replace
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from contract.errors import BadDataset, BadSetting
from contract.schema import Schema
from contract.schema.classes import DEFAULT_THRESHOLD
from training.custom_estimator import create_estimator
from training.estimators import build_pipeline, categorical_columns
from training.lookback.holdout import holdout_mask
from training.lookback.rows import count_stream_rows
from training.lookback.selection import LookbackCandidate, lookback_lengths, select_lookback
from training.regularisation import (
    DEFAULT_PARAMS,
    LogisticParams,
    choose_params,
    count_coefficients,
)
from training.settings import Estimator
from training.threshold import EQUAL_COSTS, Costs, choose_threshold

FOLDS: Final = 5
MAX_REFERENCE_ROWS: Final = 50_000
"""Rows of the reference set, evenly spaced. Monitoring reads them all, and Evidently compares each
window with them. The standard error of a share is then 0.2 points at most."""


MIN_ROWS_PER_CLASS: Final = 2 * FOLDS
"""With fewer, a fold or one side of the split could lack a class."""


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
    """

    schema: Schema
    estimator: str
    random_state: int
    held_out_ratio: float
    evaluation_rows: int
    class_weight: str = "none"
    costs: Costs = EQUAL_COSTS


@dataclass(frozen=True)
class TrainingResult:
    """What a training yields.

    Attributes:
        model: fitted on the selected rows that were not held out.
        held_out: the held-out rows of the selected lookback: features, dates and target.
        reference: the rows of `contract.registry.REFERENCE_FILE`, which drift is measured against,
            that is the newest window, or all rows if none is of the stream; at most
            `MAX_REFERENCE_ROWS` of them.
        newest: how many held-out rows, the last ones, are of the newest window.
        rows: rows of the selected lookback, held out or not.
        lookbacks: the lookbacks that were compared.
        logistic: hyperparameters of a logistic model.
        threshold: decision threshold of two classes, chosen on the held-out rows.
    """

    model: Any
    held_out: pd.DataFrame
    reference: pd.DataFrame
    newest: int = 0
    rows: int = 0
    lookbacks: tuple[LookbackCandidate, ...] = ()
    logistic: LogisticParams = DEFAULT_PARAMS
    threshold: float = DEFAULT_THRESHOLD


def train(rows: pd.DataFrame, params: TrainingParams) -> TrainingResult:
    """Selects the lookback and fits a model on its rows.

    Args:
        rows: as in `training.lookback.rows`.
        params: of the training.

    Raises:
        BadDataset: too few rows of a class to fit and to score a model.
        BadSetting: the estimator, its class weights or the costs do not fit the schema.
    """
    if params.schema.classes.multiclass and not params.costs.equal:
        raise BadSetting(
            "INTENT_COST_FALSE_POSITIVE and INTENT_COST_FALSE_NEGATIVE choose the threshold of two "
            f"classes, and {params.schema.target.name} has {len(params.schema.classes)}: unset them"
        )
    newest = min(params.evaluation_rows, count_stream_rows(rows))
    held_out = holdout_mask(rows, params.held_out_ratio, params.random_state, params.schema)
    logistic = _logistic_params(rows[~held_out], params)
    selected, lookbacks = 0, [LookbackCandidate(len(rows))]
    lengths = [len(rows)]
    schema = params.schema
    newest_target = rows.tail(newest)[schema.target.name][~held_out[len(rows) - newest :]]
    if _has_enough_rows(newest_target, schema):
        lengths = lookback_lengths(newest, count_stream_rows(rows), len(rows))
        counts = [int((~held_out[-length:]).sum()) for length in lengths]

        def fit_predict(fit: pd.DataFrame, predict: pd.DataFrame) -> NDArray[np.float64]:
            return probabilities(_fit_model(fit, params, logistic), predict, schema)

        selected, lookbacks = select_lookback(
            rows[~held_out],
            schema.classes.encode(rows[~held_out][schema.target.name].tail(counts[0])),
            counts,
            fit_predict,
            params.random_state,
        )
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


def probabilities(model: Any, rows: pd.DataFrame, schema: Schema) -> NDArray[np.float64]:
    """The model's probabilities of the rows, as `contract.schema.classes` has them."""
    found = model.predict_proba(rows[list(schema.features)])
    return schema.classes.arrange(found, model.classes_)


def _logistic_params(rows: pd.DataFrame, params: TrainingParams) -> LogisticParams:
    """The default for other estimators, and for too few rows: those raise later."""
    schema = params.schema
    target = rows[schema.target.name]
    if params.estimator != "logistic" or not _has_enough_rows(target, schema):
        return DEFAULT_PARAMS

    def fit_predict(
        logistic: LogisticParams, fit: pd.DataFrame, predict: pd.DataFrame
    ) -> NDArray[np.float64]:
        return probabilities(_fit_model(fit, params, logistic), predict, schema)

    encoded = sum(len(column.categories) for column in categorical_columns(schema))
    coefficients = count_coefficients(len(schema.numerical), encoded)
    actual = schema.classes.encode(target)
    return choose_params(rows, actual, coefficients, fit_predict, params.random_state)


def _fit(
    frame: pd.DataFrame,
    held_out: NDArray[np.bool_],
    params: TrainingParams,
    newest: int,
    logistic: LogisticParams,
) -> TrainingResult:
    schema = params.schema
    kept = [*schema.features, *schema.temporal, schema.target.name]
    rows = frame[kept].reset_index(drop=True)
    _check_classes(rows[schema.target.name], held_out, schema)
    model = _fit_model(rows[~held_out], params, logistic)
    threshold = _choose_threshold(model, rows[held_out], params)
    reference = _reference(rows, params, logistic, threshold).tail(newest)
    reference = reference.iloc[reference_positions(len(reference))].reset_index(drop=True)
    return TrainingResult(
        model, rows[held_out], reference, rows=len(rows), logistic=logistic, threshold=threshold
    )


def reference_positions(count: int) -> NDArray[np.int64]:
    """Positions of the reference set's rows among `count` rows: evenly spaced if they are many."""
    return np.linspace(0, count - 1, min(count, MAX_REFERENCE_ROWS)).astype(np.int64)


def _fit_model(rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams) -> Any:
    model = build_model(params, logistic)
    return model.fit(rows[list(params.schema.features)], rows[params.schema.target.name])


def build_model(params: TrainingParams, logistic: LogisticParams = DEFAULT_PARAMS) -> Any:
    """The unfitted model of a training.

    With class weights, its probabilities are calibrated on folds without weights: they would
    otherwise be those of other class frequencies.

    Raises:
        BadSetting: the estimator or the class weights are not valid.
    """
    kind = next((kind for kind in get_args(Estimator) if kind == params.estimator), None)
    if kind is None:
        model = create_estimator(params.estimator, params.schema, params.random_state)
    else:
        model = build_pipeline(kind, params.random_state, params.schema, logistic)
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


def _choose_threshold(model: Any, held_out: pd.DataFrame, params: TrainingParams) -> float:
    schema = params.schema
    if schema.classes.multiclass:
        return DEFAULT_THRESHOLD
    actual = schema.classes.encode(held_out[schema.target.name])
    return choose_threshold(actual, probabilities(model, held_out, schema), params.costs)


def _has_enough_rows(target: pd.Series, schema: Schema) -> bool:
    rows = min(int((target == label).sum()) for label in schema.target.classes)
    return rows >= MIN_ROWS_PER_CLASS


def _check_classes(target: pd.Series, held_out: NDArray[np.bool_], schema: Schema) -> None:
    if not _has_enough_rows(target, schema):
        first, *others = schema.target.classes
        counts = [f"{(target == first).sum()} rows with {schema.target.name}={first}"]
        counts += [
            f"{(target == label).sum()} with {schema.target.name}={label}" for label in others
        ]
        raise BadDataset(
            f"the data set has {', '.join(counts[:-1])} and {counts[-1]}: "
            f"add rows, training needs at least {MIN_ROWS_PER_CLASS} of each class"
        )
    if min(target[held_out].nunique(), target[~held_out].nunique()) < len(schema.target.classes):
        raise BadDataset(
            f"with a held-out share of {held_out.mean():.3g}, one side of the split lacks a class: "
            "add rows, or set INTENT_HELD_OUT_RATIO closer to 0.5"
        )


def _reference(
    rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams, threshold: float
) -> pd.DataFrame:
    """Rows with out-of-fold predictions: as for the stream, the model has not seen the row."""
    target, classes = rows[params.schema.target.name], params.schema.classes
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=params.random_state)
    out_of_fold = cross_val_predict(
        build_model(params, logistic),
        rows[list(params.schema.features)],
        target,
        cv=folds,
        method="predict_proba",
    )
    probability = classes.arrange(out_of_fold, np.unique(target).tolist())
    return rows.assign(
        prediction=classes.decode(classes.predict(probability, threshold)),
        probability=classes.reported_probability(probability),
    )
