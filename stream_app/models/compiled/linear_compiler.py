"""Compiles a linear model of scikit-learn to coefficients of the inputs. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.model.predictor import LibraryPredictor, SklearnModel
from contract.schema import Schema
from contract.schema.task import Floats
from stream_app.models.compiled.edges import vary
from stream_app.models.compiled.encoding import class_order, encode, last_step
from stream_app.models.compiled.linear_scores import LinearScores
from stream_app.models.compiled.links import link_of

SCALERS: Final[dict[str, Callable[[Any], tuple[Floats | None, Floats | None]]]] = {
    "StandardScaler": lambda step: (step.mean_, step.scale_),
    "MinMaxScaler": lambda step: (-step.min_ / step.scale_, 1 / step.scale_),
    "RobustScaler": lambda step: (step.center_, step.scale_),
    "MaxAbsScaler": lambda step: (None, step.scale_),
    "FunctionTransformer": lambda _: (None, None),  # "passthrough" when fitted
}
"""What each scaler subtracts, and what it divides by."""


class _Unsupported(Exception):
    """The model, or a step of its encoder, is not one that can be compiled."""


@dataclass
class _Terms:
    """Terms of numbers, see `LinearScores`, and their coefficients."""

    numerical: NDArray[np.int64]
    replacement: Floats
    marks_missing: NDArray[np.bool_]
    center: Floats
    scale: Floats
    linear: Floats
    products: Floats
    constant: Floats


def compile_linear(model: LibraryPredictor) -> LinearScores | None:
    """Reads the coefficients.

    Returns:
        None for other models, and for encodings that are not supported.
    """
    if not isinstance(model, SklearnModel):
        return None
    estimator, schema = last_step(model), model.schema
    if not hasattr(estimator, "coef_") or not hasattr(estimator, "intercept_"):
        return None
    coefficients = np.atleast_2d(estimator.coef_)
    intercept = np.atleast_1d(estimator.intercept_).astype(np.float64)
    if not schema.task.numeric:
        order = class_order(model)
        if len(coefficients) > 1:
            coefficients, intercept = coefficients[order], intercept[order]
        elif order == [1, 0]:  # log-odds are of the model's second class
            coefficients, intercept = -coefficients, -intercept
    categories: dict[int, Floats] = {}
    terms: list[_Terms] = []
    try:
        for names, steps, columns in _encoders(model):
            own = coefficients[:, columns]
            inputs = [schema.features.index(name) for name in names]
            if not any(schema.inputs[index].numerical for index in inputs):
                base, tables = _categories(model, inputs, own, columns)
                intercept = intercept + base
                categories |= tables
            else:
                terms.append(_terms(inputs, steps, own, schema))
    except _Unsupported:
        return None
    k = len(coefficients)
    ends = np.cumsum([0, *map(len, categories.values())])
    return LinearScores(
        categorical=np.array(list(categories), dtype=np.int64),
        starts=ends[:-1],
        categories=np.concatenate([np.empty((0, k)), *categories.values()]),
        numerical=np.concatenate([np.empty(0, np.int64), *(each.numerical for each in terms)]),
        replacement=_join([each.replacement for each in terms]),
        marks_missing=_join([each.marks_missing for each in terms]).astype(np.bool_),
        center=_join([each.center for each in terms]),
        scale=_join([each.scale for each in terms]),
        linear=np.concatenate([np.empty((0, k)), *(each.linear for each in terms)]),
        products=_joined_products(terms, k),
        intercept=intercept + sum(each.constant for each in terms),
        link=np.array(link_of(schema)),
    )


def _encoders(model: SklearnModel) -> Iterator[tuple[list[str], list[Any], slice]]:
    """The encoders of a pipeline: the inputs that each takes, its steps and its columns."""
    estimator = model.estimator
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])[:-1]]
    if not any(hasattr(step, "transformers_") for step in steps):
        yield list(estimator.feature_names_in_), steps, slice(None)
        return
    if len(steps) > 1:
        raise _Unsupported
    every = np.asarray(estimator.feature_names_in_)
    for name, transformer, columns in steps[0].transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        names = columns if all(isinstance(each, str) for each in columns) else every[columns]
        inner = getattr(transformer, "steps", [("", transformer)])
        yield list(names), [step for _, step in inner], steps[0].output_indices_[name]


def _categories(
    model: SklearnModel, inputs: list[int], coefficients: Floats, columns: slice
) -> tuple[Floats, dict[int, Floats]]:
    """What the first category of each input adds to the scores, and what another adds to that.

    Returns:
        Shape (k,), and for each input shape (1 + categories, k), a missing one first.
    """
    tables = {}
    base = np.zeros(len(coefficients))
    for index in inputs:
        column = model.schema.inputs[index]
        codes = np.array([0, -1 if column.nullable else 0, *range(len(column.categories))])
        encoded = encode(model, vary(model.schema, index, codes))
        scores = encoded[:, columns] @ coefficients.T
        base, tables[index] = scores[0], scores[1:] - scores[0]
    return base, tables


def _terms(inputs: list[int], steps: list[Any], coefficients: Floats, schema: Schema) -> _Terms:
    """Follows numbers through the steps of their encoder."""
    if not all(schema.inputs[index].numerical for index in inputs):
        raise _Unsupported
    count = len(inputs)
    terms = _Terms(
        numerical=np.array(inputs),
        replacement=np.full(count, np.nan),
        marks_missing=np.zeros(count, dtype=np.bool_),
        center=np.zeros(count),
        scale=np.ones(count),
        linear=np.empty(0),
        products=np.empty((len(coefficients), 0, 0)),
        constant=np.zeros(len(coefficients)),
    )
    for place, step in enumerate(steps):
        kind = type(step).__name__
        if kind == "SimpleImputer" and place == 0:
            _impute(terms, step)
        elif kind == "PolynomialFeatures" and place == len(steps) - 1:
            return _multiply(terms, step.powers_, coefficients)
        elif kind in SCALERS:
            _scale(terms, *SCALERS[kind](step))
        else:
            raise _Unsupported
    terms.linear = coefficients.T
    return terms


def _impute(terms: _Terms, step: Any) -> None:
    if not np.isscalar(step.missing_values) or not np.isnan(step.missing_values):
        raise _Unsupported
    marked = [] if step.indicator_ is None else step.indicator_.features_
    marks = np.ones(len(marked), dtype=np.bool_)
    terms.replacement = np.append(step.statistics_.astype(np.float64), np.zeros(len(marked)))
    terms.numerical = np.append(terms.numerical, terms.numerical[marked])
    terms.marks_missing = np.append(terms.marks_missing, marks)
    terms.center = np.append(terms.center, np.zeros(len(marked)))
    terms.scale = np.append(terms.scale, np.ones(len(marked)))


def _scale(terms: _Terms, center: Floats | None, scale: Floats | None) -> None:
    terms.center = terms.center + terms.scale * (0.0 if center is None else center)
    terms.scale = terms.scale * (1.0 if scale is None else scale)


def _multiply(terms: _Terms, powers: NDArray[np.int64], coefficients: Floats) -> _Terms:
    """Splits coefficients of a polynomial into those of no, one and two terms."""
    count = len(terms.numerical)
    terms.linear = np.zeros((count, len(coefficients)))
    terms.products = np.zeros((len(coefficients), count, count))
    for power, own in zip(powers, coefficients.T, strict=True):
        factors = np.repeat(np.arange(count), power)
        if len(factors) > 2:
            raise _Unsupported
        if len(factors) == 2:
            terms.products[:, factors[0], factors[1]] = own
        elif len(factors) == 1:
            terms.linear[factors[0]] = own
        else:
            terms.constant = own
    return terms


def _join(parts: list[Any]) -> NDArray[Any]:
    return np.concatenate([np.empty(0), *parts])


def _joined_products(parts: list[_Terms], k: int) -> Floats:
    """The products of all terms, those of different encoders being 0; empty if there are none."""
    if not any(each.products.size for each in parts):
        return np.empty((0, 0, 0))
    count = sum(len(each.numerical) for each in parts)
    joined = np.zeros((k, count, count))
    start = 0
    for each in parts:
        end = start + len(each.numerical)
        if each.products.size:
            joined[:, start:end, start:end] = each.products
        start = end
    return joined
