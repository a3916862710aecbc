"""Measures the time to score with each kind of estimator, compiled and in scikit-learn."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.model.predictor import SklearnModel
from contract.schema import CARS
from contract.schema.cars import CarArrays, CustomerRecord
from data.dataset import load_dataset
from data.population import DATA_SET, RandomStreams
from stream_app.models.compiled import compile_model
from training import train
from training.task import Classification

ROWS = 1_000
ROUNDS = 200
COMPARED = 100_000


@dataclass(frozen=True)
class EstimatorCost:
    """Cost of one estimator.

    Attributes:
        estimator: Name of the estimator in the training's settings.
        kind: Class of the compiled model.
        compiled: Microseconds per record in a batch of 1,000, from record to probability.
        scikit_learn: The same in scikit-learn.
        one: Microseconds of a batch of one record, compiled.
        difference: Largest difference of probabilities among 100,000 random customers.
        classes: Number of classes that differ among them.
    """

    estimator: str
    kind: str
    compiled: float
    scikit_learn: float
    one: float
    difference: float
    classes: int


def measure_costs() -> list[EstimatorCost]:
    """Measures each estimator that training supports."""
    data = load_dataset(CARS.dataset, CARS)
    return [
        _measure_cost(kind, train.fit(data, kind, 20, 0.25, CARS).model)
        for kind in Classification.estimators
    ]


def _measure_cost(estimator: str, model: Any) -> EstimatorCost:
    compiled = compile_model(SklearnModel(model, CARS), 0.5)
    if compiled is None:
        raise ValueError(f"{estimator} does not compile")
    drawn = DATA_SET.sample(ROWS, RandomStreams.spawn(np.random.default_rng(1)))
    rows = zip(drawn.male, drawn.age.tolist(), drawn.annual_salary.tolist(), strict=True)
    records = [
        CustomerRecord("Male" if male else "Female", float(age), float(salary))
        for male, age, salary in rows
    ]
    others = _customers(COMPARED)
    ours = compiled.outputs(others)
    theirs = model.predict_proba(CARS.encoder.arrays_to_frame(others))[:, 1]
    return EstimatorCost(
        estimator,
        type(compiled).__name__,
        _microseconds(lambda: compiled.outputs(CARS.encoder.to_arrays(records)), ROUNDS) / ROWS,
        _microseconds(
            lambda: model.predict_proba(CARS.encoder.to_frame(records)),
            5,
        )
        / ROWS,
        _microseconds(lambda: compiled.outputs(CARS.encoder.to_arrays(records[:1])), ROUNDS),
        float(np.abs(ours - theirs).max()),
        int(((ours > 0.5) != (theirs > 0.5)).sum()),
    )


def _customers(count: int) -> CarArrays:
    random = np.random.default_rng(2)
    return CarArrays(
        random.integers(0, 2, count),
        random.uniform(0, 150, count),
        random.uniform(0, 300_000, count),
    )


def _microseconds(call: Any, rounds: int) -> float:
    """Median over the rounds."""
    elapsed = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        elapsed.append(time.perf_counter() - started)
    return float(np.median(elapsed)) * 1e6
