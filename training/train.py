"""Labelled customers -> a fitted model, the rows kept from it, and the reference set. Pure."""

from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from contract.errors import BadDataset
from contract.events import Gender
from contract.features import CATEGORICAL, FEATURES, NUMERICAL, TARGET
from training.settings import Estimator

FOLDS: Final = 5
LEAST_PER_CLASS: Final = 2 * FOLDS
"""Rows of each class without which folds and split cannot all have both."""

THRESHOLD: Final = 0.5
"""A probability above it is a 1: what scikit-learn's own `predict` does for two classes."""


@dataclass(frozen=True)
class Trained:
    """What training yields.

    Attributes:
        model: fitted on the rows that were not held out.
        held_out: the other rows: the features and the target.
        reference: all rows, as `contract.registry.REFERENCE` describes them.
    """

    model: Pipeline
    held_out: pd.DataFrame
    reference: pd.DataFrame


def pipeline(estimator: Estimator, random_state: int) -> Pipeline:
    """An unfitted model that takes the frame of `contract.features.frame` as it is."""
    numbers: list[tuple[str, Any]] = [("scale", StandardScaler())]
    if estimator == "logistic":  # a line cannot follow who buys young and rich, or old and poor
        numbers.append(("terms", PolynomialFeatures(degree=2, include_bias=False)))
    genders = OneHotEncoder(categories=[list(get_args(Gender))], drop="first", sparse_output=False)
    encode = ColumnTransformer(
        [("gender", genders, list(CATEGORICAL)), ("numbers", Pipeline(numbers), list(NUMERICAL))]
    )
    return Pipeline([("encode", encode), ("classify", _classifier(estimator, random_state))])


def fit(
    frame: pd.DataFrame, estimator: Estimator, random_state: int, held_out_share: float
) -> Trained:
    """Fits a model on a stratified part of the rows; the same arguments give the same model.

    Raises `BadDataset` if there are too few rows of a class to learn and to judge from.
    """
    rows = frame[[*FEATURES, TARGET]]
    _check(rows[TARGET], held_out_share)
    kept, held_out = train_test_split(
        rows, test_size=held_out_share, stratify=rows[TARGET], random_state=random_state
    )
    model = pipeline(estimator, random_state).fit(kept[list(FEATURES)], kept[TARGET])
    return Trained(model, held_out, _reference(rows, estimator, random_state))


def probabilities(model: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    """The probability of a purchase for each row, shape (n,)."""
    found: NDArray[np.float64] = model.predict_proba(rows[list(FEATURES)])[:, 1]
    return found


def _classifier(estimator: Estimator, random_state: int) -> Any:
    match estimator:
        case "logistic":
            return LogisticRegression(max_iter=1000)
        case "random_forest":
            return RandomForestClassifier(n_estimators=100, random_state=random_state)
        case "hist_gradient_boosting":
            return HistGradientBoostingClassifier(random_state=random_state)


def _check(target: pd.Series, held_out_share: float) -> None:
    rows = [int((target == label).sum()) for label in (0, 1)]
    if min(rows) < LEAST_PER_CLASS:
        raise BadDataset(
            f"the data set has {rows[0]} rows with {TARGET}=0 and {rows[1]} with {TARGET}=1: "
            f"training needs {LEAST_PER_CLASS} of each at least"
        )
    if min(held_out_share, 1 - held_out_share) * min(rows) < 1:
        raise BadDataset(
            f"a held-out share of {held_out_share:g} leaves no row of one class on one side: "
            "add rows, or set INTENT_HELD_OUT_SHARE nearer to a half"
        )


def _reference(rows: pd.DataFrame, estimator: Estimator, random_state: int) -> pd.DataFrame:
    """Each row is predicted by a model that has not seen it, as the stream's rows will be."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=random_state)
    predicted = cross_val_predict(
        pipeline(estimator, random_state),
        rows[list(FEATURES)],
        rows[TARGET],
        cv=folds,
        method="predict_proba",
    )[:, 1]
    return rows.assign(prediction=(predicted > THRESHOLD).astype(int), probability=predicted)
