"""A logistic model of few rows and many columns is regularised more."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from contract.schema import CARS
from training.evaluation import log_losses, skill
from training.regularisation import (
    DEFAULT_PARAMS,
    FOLDS,
    LogisticParams,
    choose_params,
    count_terms,
)
from training.task import Splits, task_of

COLUMNS = 60


def table(rows: int) -> pd.DataFrame:
    """Rows as wide and as hard as the sonar data set."""
    numbers, target = make_classification(
        rows, COLUMNS, n_informative=12, class_sep=0.7, flip_y=0.1, random_state=3
    )
    return pd.DataFrame(numbers).assign(**{CARS.target.name: target})


def fit_predict(
    params: LogisticParams, fit: pd.DataFrame, predict: pd.DataFrame, columns: int = COLUMNS
) -> NDArray[np.float64]:
    steps = [
        ("scale", StandardScaler()),
        ("classify", LogisticRegression(C=params.c, max_iter=500)),
    ]
    if params.degree > 1:
        steps.insert(1, ("polynomial", PolynomialFeatures(params.degree, include_bias=False)))
    names = list(range(columns))
    model = Pipeline(steps).fit(fit[names], fit[CARS.target.name])
    probability: NDArray[np.float64] = model.predict_proba(predict[names])[:, 1]
    return probability


def fit_losses(
    params: LogisticParams, fit: pd.DataFrame, validate: pd.DataFrame
) -> NDArray[np.float64]:
    actual = validate[CARS.target.name].to_numpy()
    return log_losses(actual, fit_predict(params, fit, validate))


def splits(classes: NDArray[np.int64]) -> Splits:
    return task_of(CARS).split(classes, FOLDS, 20)


def test_model_of_few_rows_and_many_columns_beats_the_base_rate() -> None:
    rows = table(208)
    train_rows, held_out = rows.head(156), rows.tail(52)
    classes = train_rows[CARS.target.name].to_numpy()
    coefficients = count_terms(COLUMNS), 0
    params = choose_params(train_rows, coefficients, splits(classes), fit_losses)
    assert params.degree == 1
    assert params.c < 1
    actual = held_out[CARS.target.name].to_numpy()
    assert skill(actual, fit_predict(params, train_rows, held_out)) > 0.1
    assert skill(actual, fit_predict(DEFAULT_PARAMS, train_rows, held_out)) < 0


def test_with_many_rows_the_default_is_used_without_a_fit() -> None:
    def never(*_: object) -> NDArray[np.float64]:
        pytest.fail("fitted although there are enough rows")

    rows = table(156)
    classes = rows[CARS.target.name].to_numpy()
    assert choose_params(rows, (count_terms(2), 2), splits(classes), never) == DEFAULT_PARAMS


def test_terms_of_degree_2_that_do_not_fit_into_memory_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = table(156)
    folds = splits(rows[CARS.target.name].to_numpy())
    coefficients = count_terms(2), 2
    monkeypatch.setattr("training.regularisation.MAX_TERM_VALUES", 156 * count_terms(2) - 1)
    many = choose_params(rows, coefficients, folds, fit_losses)
    assert many == LogisticParams(degree=1)
    monkeypatch.setattr("training.regularisation.ROWS_PER_COEFFICIENT", 100)
    assert choose_params(rows, coefficients, folds, fit_losses).degree == 1
