"""Compiled models agree with the original, for every estimator that training supports."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from data import dataset
from stream_app.models.compiled import compile_model
from stream_app.models.compiled.agreement import find_disagreement, grid
from stream_app.models.compiled.cell_table import CellTable
from stream_app.models.compiled.edges import UPPER_BOUNDS
from stream_app.models.compiled.quadratic_logit import QuadraticLogit
from training import train
from training.settings import Estimator
from training.task import Classification

KINDS = {
    "logistic": QuadraticLogit,
    "random_forest": CellTable,
    "hist_gradient_boosting": CellTable,
}


@pytest.fixture(scope="module", params=Classification.estimators)
def estimator(request: pytest.FixtureRequest) -> Estimator:
    name: Estimator = request.param
    return name


@pytest.fixture(scope="module")
def model(estimator: Estimator) -> Any:
    return train.fit(dataset.load_dataset(CARS.dataset, CARS), estimator, 20, 0.25, CARS).model


def fit_pipeline(classifier: Any, numbers: Any) -> Pipeline:
    """A pipeline of other components than training's, fitted on all rows."""
    rows = dataset.load_dataset(CARS.dataset, CARS)
    encode = ColumnTransformer(
        [("gender", OneHotEncoder(), ["Gender"]), ("numbers", numbers, list(CARS.numerical))]
    )
    return Pipeline([("encode", encode), ("classify", classifier)]).fit(
        rows[list(CARS.features)], rows[CARS.target.name]
    )


def random_customers(count: int) -> CarArrays:
    random = np.random.default_rng(5)
    return CarArrays(
        random.integers(0, len(GENDERS), count),
        random.uniform(0, UPPER_BOUNDS[0], count),
        np.concatenate(
            [
                random.uniform(0, 2e5, count // 2),
                random.uniform(0, UPPER_BOUNDS[1], count - count // 2),
            ]
        ),
    )


def test_compiled_model_agrees_on_a_large_grid(model: Any, estimator: Estimator) -> None:
    compiled = compile_model(model, 0.5)
    assert compiled is not None
    assert isinstance(compiled, KINDS[estimator])
    customers = grid(np.arange(0, 151.0), np.arange(0, 200_001, 500.0))
    assert len(customers.age) > 100_000
    assert find_disagreement(compiled, model, customers, 0.5) is None


def test_compiled_model_agrees_on_customers_off_the_grid(model: Any) -> None:
    compiled = compile_model(model, 0.5)
    assert compiled is not None
    assert find_disagreement(compiled, model, random_customers(50_000), 0.5) is None


def test_compiled_trees_branch_at_exactly_the_same_numbers(
    model: Any, estimator: Estimator
) -> None:
    compiled = compile_model(model, 0.5)
    if not isinstance(compiled, CellTable):
        assert estimator == "logistic"
        return
    customers = compiled.corners()
    expected = model.predict_proba(CARS.encoder.arrays_to_frame(customers))[:, 1]
    assert np.array_equal(compiled.outputs(customers), expected)


def test_edge_that_is_off_by_one_number_is_detected() -> None:
    model = train.fit(
        dataset.load_dataset(CARS.dataset, CARS), "random_forest", 20, 0.25, CARS
    ).model
    compiled = CellTable.from_model(model)
    assert compiled is not None
    edges = compiled.annual_salary.copy()
    edges[len(edges) // 2] = np.nextafter(edges[len(edges) // 2], np.inf)
    off = replace(compiled, annual_salary=edges)
    assert find_disagreement(off, model, grid(), 0.5) is None
    assert find_disagreement(off, model, compiled.corners(), 0.5) is not None


def test_linear_model_of_another_encoding_is_compiled() -> None:
    assert isinstance(
        compile_model(fit_pipeline(LogisticRegression(), MinMaxScaler()), 0.5), QuadraticLogit
    )


def test_trees_on_another_encoding_are_compiled() -> None:
    model = fit_pipeline(GradientBoostingClassifier(n_estimators=20), MinMaxScaler())
    assert isinstance(compile_model(model, 0.5), CellTable)


CUBIC = Pipeline([("scale", StandardScaler()), ("terms", PolynomialFeatures(3))])


@pytest.mark.parametrize(
    ("classifier", "numbers"),
    [(KNeighborsClassifier(15), StandardScaler()), (LogisticRegression(max_iter=5_000), CUBIC)],
    ids=["neighbours", "cubic"],
)
def test_unsupported_model_is_not_compiled(classifier: Any, numbers: Any) -> None:
    assert compile_model(fit_pipeline(classifier, numbers), 0.5) is None


def test_object_that_is_not_a_model_is_not_compiled() -> None:
    assert compile_model(object(), 0.5) is None


class Off:
    """The model itself with a number added to one probability."""

    def __init__(self, model: Any, added: float, at: int) -> None:
        self.model, self.added, self.at = model, added, at

    def outputs(self, given: CarArrays) -> Any:
        probabilities = self.model.predict_proba(CARS.encoder.arrays_to_frame(given))[:, 1]
        probabilities[self.at] += self.added
        return probabilities


def test_one_different_probability_is_a_disagreement(model: Any) -> None:
    assert find_disagreement(Off(model, 5e-7, 100), model, grid(), 0.5) is None
    assert "differs by" in str(find_disagreement(Off(model, 2e-6, 100), model, grid(), 0.5))
    assert "nan" in str(find_disagreement(Off(model, np.nan, 100), model, grid(), 0.5))


def test_one_different_class_is_a_disagreement(model: Any) -> None:
    class Half:
        """A model with one probability of one half."""

        def predict_proba(self, frame: Any) -> Any:
            probabilities = model.predict_proba(frame)
            probabilities[100] = 0.5
            return probabilities

    assert find_disagreement(Off(Half(), 0, 100), Half(), grid(), 0.5) is None
    assert (
        find_disagreement(Off(Half(), 1e-9, 100), Half(), grid(), 0.5)
        == f"1 of {len(grid().age)} classes differ"
    )
    # neither side of another threshold
    assert find_disagreement(Off(Half(), 1e-9, 100), Half(), grid(), 0.4) is None
