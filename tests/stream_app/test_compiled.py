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

from contract.model.predictor import Predictor, SklearnModel
from contract.schema import CARS
from contract.schema.cars import GENDERS, CarArrays
from contract.schema.features import FeatureArrays
from data import dataset
from stream_app.models.compiled import compile_model
from stream_app.models.compiled.agreement import BATCH_ROWS, SALARIES, find_disagreement, grid
from stream_app.models.compiled.cell_table import UPPER_BOUNDS, CellTable
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
def model(estimator: Estimator) -> SklearnModel:
    return trained(estimator)


def trained(estimator: Estimator) -> SklearnModel:
    rows = dataset.load_dataset(CARS.dataset, CARS)
    return SklearnModel(train.fit(rows, estimator, 20, 0.25, CARS).model, CARS)


def disagreement(compiled: Predictor, model: Predictor, customers: CarArrays) -> str | None:
    return find_disagreement(compiled, model, customers, CARS, 0.5)


def fit_pipeline(classifier: Any, numbers: Any) -> SklearnModel:
    """A pipeline of other components than training's, fitted on all rows."""
    rows = dataset.load_dataset(CARS.dataset, CARS)
    encode = ColumnTransformer(
        [("gender", OneHotEncoder(), ["Gender"]), ("numbers", numbers, list(CARS.numerical))]
    )
    pipeline = Pipeline([("encode", encode), ("classify", classifier)])
    return SklearnModel(pipeline.fit(rows[list(CARS.features)], rows[CARS.target.name]), CARS)


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


def test_compiled_model_agrees_on_a_large_grid(model: SklearnModel, estimator: Estimator) -> None:
    compiled = compile_model(model, 0.5)
    assert compiled is not None
    assert isinstance(compiled, KINDS[estimator])
    customers = grid(np.arange(0, 151.0), np.arange(0, 200_001, 500.0))
    assert len(customers.age) > 100_000
    assert disagreement(compiled, model, customers) is None


def test_compiled_model_agrees_on_customers_off_the_grid(model: SklearnModel) -> None:
    compiled = compile_model(model, 0.5)
    assert compiled is not None
    assert disagreement(compiled, model, random_customers(50_000)) is None


def test_compiled_trees_branch_at_exactly_the_same_numbers(
    model: Any, estimator: Estimator
) -> None:
    compiled = compile_model(model, 0.5)
    if not isinstance(compiled, CellTable):
        assert estimator == "logistic"
        return
    customers = compiled.checks(CARS)
    assert np.array_equal(compiled.outputs(customers), model.outputs(customers))


def test_edge_that_is_off_by_one_number_is_detected() -> None:
    model = trained("random_forest")
    compiled = CellTable.from_model(model)
    assert compiled is not None
    edges = compiled.annual_salary.copy()
    edges[len(edges) // 2] = np.nextafter(edges[len(edges) // 2], np.inf)
    off = replace(compiled, annual_salary=edges)
    assert disagreement(off, model, grid()) is None
    assert disagreement(off, model, compiled.checks(CARS)) is not None


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
    assert compile_model(SklearnModel(object(), CARS), 0.5) is None


SMALL_GRID = grid(salaries=SALARIES[:20])
"""Few enough customers to be scored in one call."""


class Off:
    """The model itself with a number added to one probability."""

    def __init__(self, model: Predictor, added: float, at: int) -> None:
        self.model, self.added, self.at = model, added, at

    def outputs(self, given: FeatureArrays) -> Any:
        probabilities = self.model.outputs(given)
        probabilities[self.at] += self.added
        return probabilities


def test_one_different_probability_is_a_disagreement(model: SklearnModel) -> None:
    assert disagreement(Off(model, 5e-7, 100), model, grid()) is None
    assert "differs by" in str(disagreement(Off(model, 2e-6, 100), model, grid()))
    assert "nan" in str(disagreement(Off(model, np.nan, 100), model, grid()))


def test_one_different_class_is_a_disagreement(model: SklearnModel) -> None:
    class Half:
        """A model with one probability of one half."""

        def outputs(self, given: FeatureArrays) -> Any:
            probabilities = model.outputs(given)
            probabilities[100] = 0.5
            return probabilities

    assert len(SMALL_GRID.age) <= BATCH_ROWS
    assert disagreement(Off(Half(), 0, 100), Half(), SMALL_GRID) is None
    assert (
        disagreement(Off(Half(), 1e-9, 100), Half(), SMALL_GRID)
        == f"1 of {len(SMALL_GRID.age)} classes differ"
    )
    # neither side of another threshold
    assert find_disagreement(Off(Half(), 1e-9, 100), Half(), SMALL_GRID, CARS, 0.4) is None
