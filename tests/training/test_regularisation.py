"""A logistic model of a small, wide table learns no more than its rows can tell."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from contract.schema import CARS
from training.losses import skill
from training.regularisation import PLAIN, Shape, choose

COLUMNS = 60


def table(rows: int) -> pd.DataFrame:
    """As wide as sonar, and as hard."""
    numbers, target = make_classification(
        rows, COLUMNS, n_informative=12, class_sep=0.7, flip_y=0.1, random_state=3
    )
    return pd.DataFrame(numbers).assign(**{CARS.target.name: target})


def predicted(
    shape: Shape, known: pd.DataFrame, asked: pd.DataFrame, columns: int = COLUMNS
) -> NDArray[np.float64]:
    steps = [("scale", StandardScaler()), ("classify", LogisticRegression(C=shape.c, max_iter=500))]
    if shape.degree > 1:
        steps.insert(1, ("terms", PolynomialFeatures(shape.degree, include_bias=False)))
    names = list(range(columns))
    model = Pipeline(steps).fit(known[names], known[CARS.target.name])
    found: NDArray[np.float64] = model.predict_proba(asked[names])[:, 1]
    return found


def test_model_of_few_rows_and_many_columns_knows_more_than_the_base_rate() -> None:
    rows = table(208)
    known, held_out = rows.head(156), rows.tail(52)
    shape = choose(known, COLUMNS, 0, predicted, 20)
    assert shape.degree == 1
    assert shape.c < 1
    actual = held_out[CARS.target.name].to_numpy()
    assert skill(actual, predicted(shape, known, held_out)) > 0.1
    assert skill(actual, predicted(PLAIN, known, held_out)) < 0


def test_rows_in_plenty_need_no_choice() -> None:
    def never(*_: object) -> NDArray[np.float64]:
        pytest.fail("nothing is to be fitted")

    assert choose(table(156), 2, 2, never, 20) == PLAIN
