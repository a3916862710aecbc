"""Labelled customers -> a fitted model, the rows kept from it, and the reference set. Pure."""

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

from contract import classes
from contract.errors import BadDataset
from contract.features import FEATURES, NUMERICAL, OPTIONAL, TARGET
from contract.schema.columns import Column
from contract.schema.default import SCHEMA
from training import regularisation
from training.recent import span
from training.recent.held_out import held_out
from training.recent.rows import from_stream
from training.recent.span import Span
from training.regularisation import PLAIN, Shape
from training.settings import Estimator

CATEGORIES: Final = [each for each in SCHEMA.columns if not each.numerical]

FOLDS: Final = 5
LEAST_PER_CLASS: Final = 2 * FOLDS
"""Rows of each class without which folds and split cannot all have every one."""


@dataclass(frozen=True)
class Told:
    """What a training is told; with the same rows it makes the same model.

    Attributes:
        estimator: kind of model.
        random_state: seed of the split, the folds and the estimator.
        held_out_ratio: share of the rows that is not fitted.
        evaluation_rows: rows of the stream, the last ones, that are the newest window.
    """

    estimator: Estimator
    random_state: int
    held_out_ratio: float
    evaluation_rows: int


@dataclass(frozen=True)
class Trained:
    """What training yields.

    Attributes:
        model: fitted on the rows that were not held out, as far back as they count.
        held_out: the other rows: the features and the target.
        reference: the rows that the model is for, as `contract.registry.REFERENCE` describes
            them: the newest window, or all where nothing is of the stream.
        newest: the last so many held-out rows are of the newest window.
        rows: how many rows count, held out or not.
        spans: how far back was chosen from what, by the rows that may be fitted.
        shape: of a logistic model, as chosen for its rows.
    """

    model: Pipeline
    held_out: pd.DataFrame
    reference: pd.DataFrame
    newest: int = 0
    rows: int = 0
    spans: tuple[Span, ...] = ()
    shape: Shape = PLAIN


def pipeline(estimator: Estimator, random_state: int, shape: Shape = PLAIN) -> Pipeline:
    """An unfitted model that takes the frame of `contract.features.frame` as it is."""
    numbers: list[tuple[str, Any]] = [("scale", StandardScaler())]
    if set(OPTIONAL) & set(NUMERICAL):
        numbers.insert(0, ("impute", SimpleImputer(strategy="median", add_indicator=True)))
    if (
        estimator == "logistic" and shape.degree > 1
    ):  # a line cannot follow who buys young and rich, or old and poor
        numbers.append(("terms", PolynomialFeatures(degree=2, include_bias=False)))
    sure = [each for each in CATEGORIES if not each.nullable]
    lacking = [each for each in CATEGORIES if each.nullable]
    parts = [
        ("categories", _one_hot(sure, drop="first"), [each.name for each in sure]),
        # what is missing is no category: all of its columns are 0
        ("lacking", _one_hot(lacking, handle_unknown="ignore"), [each.name for each in lacking]),
        ("numbers", Pipeline(numbers), list(NUMERICAL)),
    ]
    encode = ColumnTransformer([part for part in parts if part[2]])
    return Pipeline([("encode", encode), ("classify", _classifier(estimator, random_state, shape))])


def learn(rows: pd.DataFrame, told: Told) -> Trained:
    """Fits a model on rows as `training.recent.rows` has them, as far back as they count.

    Raises `BadDataset` if there are too few rows of a class to learn and to judge from.
    """
    newest = min(told.evaluation_rows, from_stream(rows))
    apart = held_out(rows, told.held_out_ratio, told.random_state)
    shape = _shape(rows[~apart], told)
    place, spans = 0, [Span(len(rows))]
    lengths = [len(rows)]
    if _enough(rows.tail(newest)[TARGET][~apart[len(rows) - newest :]]):
        lengths = span.lengths(newest, from_stream(rows), len(rows))
        counts = [int((~apart[-length:]).sum()) for length in lengths]

        def predicted(known: pd.DataFrame, asked: pd.DataFrame) -> NDArray[np.float64]:
            return probabilities(_fitted(known, told, shape), asked)

        place, spans = span.choose(rows[~apart], counts[0], counts, predicted, told.random_state)
    counted, apart = rows.tail(lengths[place]), apart[-lengths[place] :]
    trained = _trained(counted, apart, told, newest or len(rows), shape)
    return replace(
        trained,
        newest=int(apart[len(apart) - newest :].sum()),
        spans=tuple(
            replace(each, rows=length) for each, length in zip(spans, lengths, strict=True)
        ),
    )


def fit(
    frame: pd.DataFrame, estimator: Estimator, random_state: int, held_out_ratio: float
) -> Trained:
    """Fits a model on a part of the rows, features and target, all of which count.

    Raises `BadDataset` if there are too few rows of a class to learn and to judge from.
    """
    told = Told(estimator, random_state, held_out_ratio, 0)
    apart = held_out(frame, held_out_ratio, random_state)
    return _trained(frame, apart, told, len(frame), _shape(frame[~apart], told))


def probabilities(model: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Of each row, as `contract.classes` says."""
    return classes.of_classifier(model.predict_proba(rows[list(FEATURES)]), model.classes_)


def _one_hot(columns: list[Column], **told: str) -> OneHotEncoder:
    known = [list(column.categories) for column in columns]
    return OneHotEncoder(categories=known, sparse_output=False, **told)


def _classifier(estimator: Estimator, random_state: int, shape: Shape) -> Any:
    match estimator:
        case "logistic":
            return LogisticRegression(C=shape.c, max_iter=1000)
        case "random_forest":
            return RandomForestClassifier(n_estimators=100, random_state=random_state)
        case "hist_gradient_boosting":
            return HistGradientBoostingClassifier(random_state=random_state)


def _shape(rows: pd.DataFrame, told: Told) -> Shape:
    """Of a logistic model; others need none, and rows that are too few are told of later."""
    if told.estimator != "logistic" or not _enough(rows[TARGET]):
        return PLAIN

    def predicted(shape: Shape, known: pd.DataFrame, asked: pd.DataFrame) -> NDArray[np.float64]:
        return probabilities(_fitted(known, told, shape), asked)

    others = sum(len(each.categories) for each in CATEGORIES)
    return regularisation.choose(rows, len(NUMERICAL), others, predicted, told.random_state)


def _trained(
    given: pd.DataFrame, apart: NDArray[np.bool_], told: Told, newest: int, shape: Shape
) -> Trained:
    rows = given[[*FEATURES, TARGET]].reset_index(drop=True)
    _check(rows[TARGET], apart)
    reference = _reference(rows, told, shape).tail(newest).reset_index(drop=True)
    model = _fitted(rows[~apart], told, shape)
    return Trained(model, rows[apart], reference, rows=len(rows), shape=shape)


def _fitted(rows: pd.DataFrame, told: Told, shape: Shape) -> Pipeline:
    model = pipeline(told.estimator, told.random_state, shape)
    return model.fit(rows[list(FEATURES)], rows[TARGET])


def _enough(target: pd.Series) -> bool:
    return min(int((target == label).sum()) for label in classes.CLASSES) >= LEAST_PER_CLASS


def _check(target: pd.Series, apart: NDArray[np.bool_]) -> None:
    if not _enough(target):
        first, *others = classes.CLASSES
        counts = [f"{(target == first).sum()} rows with {TARGET}={first}"]
        counts += [f"{(target == each).sum()} with {TARGET}={each}" for each in others]
        raise BadDataset(
            f"the data set has {', '.join(counts[:-1])} and {counts[-1]}: "
            f"training needs {LEAST_PER_CLASS} of each at least"
        )
    if min(target[apart].nunique(), target[~apart].nunique()) < len(classes.CLASSES):
        raise BadDataset(
            f"a held-out share of {apart.mean():.3g} leaves no row of some class on one side: "
            "add rows, or set INTENT_HELD_OUT_RATIO nearer to a half"
        )


def _reference(rows: pd.DataFrame, told: Told, shape: Shape) -> pd.DataFrame:
    """Each row is predicted by a model that has not seen it, as the stream's rows will be."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=told.random_state)
    found = cross_val_predict(
        pipeline(told.estimator, told.random_state, shape),
        rows[list(FEATURES)],
        rows[TARGET],
        cv=folds,
        method="predict_proba",
    )
    probability = classes.of_classifier(found, np.unique(rows[TARGET]).tolist())
    return rows.assign(
        prediction=classes.values(classes.predicted(probability)),
        probability=classes.told(probability),
    )
