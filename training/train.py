"""Labelled rows -> a fitted model, its held-out rows and its reference set. Pure."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from contract.errors import BadDataset
from contract.schema import Schema
from contract.schema.classes import DEFAULT_THRESHOLD
from contract.schema.inputs import Feature
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

FOLDS: Final = 5
MIN_ROWS_PER_CLASS: Final = 2 * FOLDS
"""With fewer, a fold or one side of the split could lack a class."""


@dataclass(frozen=True)
class TrainingParams:
    """Parameters of a training; with the same rows they give the same model.

    Attributes:
        schema: of the rows.
        estimator: kind of model.
        random_state: seed of the split, the folds and the estimator.
        held_out_ratio: share of the rows that is not fitted.
        evaluation_rows: rows of the stream, the last ones, that are the newest window.
    """

    schema: Schema
    estimator: Estimator
    random_state: int
    held_out_ratio: float
    evaluation_rows: int


@dataclass(frozen=True)
class TrainingResult:
    """What a training yields.

    Attributes:
        model: fitted on the selected rows that were not held out.
        held_out: the held-out rows of the selected lookback: features, dates and target.
        reference: the rows of `contract.registry.REFERENCE_FILE`, which drift is measured against,
            that is the newest window, or all rows if none is of the stream.
        newest: how many held-out rows, the last ones, are of the newest window.
        rows: rows of the selected lookback, held out or not.
        lookbacks: the lookbacks that were compared.
        logistic: hyperparameters of a logistic model.
    """

    model: Pipeline
    held_out: pd.DataFrame
    reference: pd.DataFrame
    newest: int = 0
    rows: int = 0
    lookbacks: tuple[LookbackCandidate, ...] = ()
    logistic: LogisticParams = DEFAULT_PARAMS


def build_pipeline(
    estimator: Estimator,
    random_state: int,
    schema: Schema,
    logistic: LogisticParams = DEFAULT_PARAMS,
) -> Pipeline:
    """An unfitted model that takes the frame of `FeatureEncoder.to_frame` unchanged."""
    numerical: list[tuple[str, Any]] = [("scale", StandardScaler())]
    if set(schema.nullable) & set(schema.numerical):
        numerical.insert(0, ("impute", SimpleImputer(strategy="median", add_indicator=True)))
    # linear terms alone cannot separate buyers who are young and rich, or old and poor
    if estimator == "logistic" and logistic.degree > 1:
        numerical.append(("polynomial", PolynomialFeatures(degree=2, include_bias=False)))
    categorical = _categorical_columns(schema)
    required = [column for column in categorical if not column.nullable]
    optional = [column for column in categorical if column.nullable]
    steps = [
        ("categories", _one_hot(required, drop="first"), [column.name for column in required]),
        # a missing value is not a category: all of its columns are 0
        (
            "optional",
            _one_hot(optional, handle_unknown="ignore"),
            [column.name for column in optional],
        ),
        ("numerical", Pipeline(numerical), list(schema.numerical)),
    ]
    encode = ColumnTransformer([step for step in steps if step[2]])
    classify = _classifier(estimator, random_state, logistic)
    return Pipeline([("encode", encode), ("classify", classify)])


def train(rows: pd.DataFrame, params: TrainingParams) -> TrainingResult:
    """Selects the lookback and fits a model on its rows.

    Args:
        rows: as in `training.lookback.rows`.
        params: of the training.

    Raises:
        BadDataset: too few rows of a class to fit and to score a model.
    """
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
            return probabilities(_fit_pipeline(fit, params, logistic), predict, schema)

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
    estimator: Estimator,
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


def probabilities(model: Pipeline, rows: pd.DataFrame, schema: Schema) -> NDArray[np.float64]:
    """The model's probabilities of the rows, as `contract.schema.classes` has them."""
    found = model.predict_proba(rows[list(schema.features)])
    return schema.classes.arrange(found, model.classes_)


def _categorical_columns(schema: Schema) -> list[Feature]:
    return [each for each in schema.inputs if not each.numerical]


def _one_hot(columns: list[Feature], **options: str) -> OneHotEncoder:
    categories = [list(column.categories) for column in columns]
    return OneHotEncoder(categories=categories, sparse_output=False, **options)


def _classifier(estimator: Estimator, random_state: int, logistic: LogisticParams) -> Any:
    match estimator:
        case "logistic":
            return LogisticRegression(C=logistic.c, max_iter=1000)
        case "random_forest":
            return RandomForestClassifier(n_estimators=100, random_state=random_state)
        case "hist_gradient_boosting":
            return HistGradientBoostingClassifier(random_state=random_state)


def _logistic_params(rows: pd.DataFrame, params: TrainingParams) -> LogisticParams:
    """The default for other estimators, and for too few rows: those raise later."""
    schema = params.schema
    target = rows[schema.target.name]
    if params.estimator != "logistic" or not _has_enough_rows(target, schema):
        return DEFAULT_PARAMS

    def fit_predict(
        logistic: LogisticParams, fit: pd.DataFrame, predict: pd.DataFrame
    ) -> NDArray[np.float64]:
        return probabilities(_fit_pipeline(fit, params, logistic), predict, schema)

    encoded = sum(len(column.categories) for column in _categorical_columns(schema))
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
    reference = _reference(rows, params, logistic).tail(newest).reset_index(drop=True)
    model = _fit_pipeline(rows[~held_out], params, logistic)
    return TrainingResult(model, rows[held_out], reference, rows=len(rows), logistic=logistic)


def _fit_pipeline(rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams) -> Pipeline:
    pipeline = build_pipeline(params.estimator, params.random_state, params.schema, logistic)
    return pipeline.fit(rows[list(params.schema.features)], rows[params.schema.target.name])


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
    rows: pd.DataFrame, params: TrainingParams, logistic: LogisticParams
) -> pd.DataFrame:
    """Rows with out-of-fold predictions: as for the stream, the model has not seen the row."""
    target, classes = rows[params.schema.target.name], params.schema.classes
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=params.random_state)
    out_of_fold = cross_val_predict(
        build_pipeline(params.estimator, params.random_state, params.schema, logistic),
        rows[list(params.schema.features)],
        target,
        cv=folds,
        method="predict_proba",
    )
    probability = classes.arrange(out_of_fold, np.unique(target).tolist())
    return rows.assign(
        prediction=classes.decode(classes.predict(probability, DEFAULT_THRESHOLD)),
        probability=classes.reported_probability(probability),
    )
