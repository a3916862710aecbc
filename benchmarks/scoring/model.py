"""What the model costs for each kind of estimator, compiled and in scikit-learn."""

import time
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from contract.schema import CARS
from contract.schema.cars import CarArrays, CustomerRecord
from data.dataset import load
from data.population import DATA_SET, Chance
from stream_app.models.compiled import compile_model
from training import train
from training.settings import Estimator

ROWS = 1_000
ROUNDS = 200
CHECKED = 100_000


@dataclass(frozen=True)
class Cost:
    """Of one estimator.

    Attributes:
        estimator: as training calls it.
        form: what it is compiled to.
        compiled: microseconds a record, in a batch of 1,000, from record to probability.
        scikit_learn: likewise.
        one: microseconds of a batch of one record, compiled.
        difference: largest difference of two probabilities among 100,000 random customers.
        classes: how many of their classes differ.
    """

    estimator: str
    form: str
    compiled: float
    scikit_learn: float
    one: float
    difference: float
    classes: int


def costs() -> list[Cost]:
    """Of each estimator that training offers."""
    data = load(CARS.dataset, CARS)
    return [_cost(kind, train.fit(data, kind, 20, 0.25).model) for kind in get_args(Estimator)]


def _cost(kind: str, model: Any) -> Cost:
    form = compile_model(model)
    if form is None:
        raise ValueError(f"{kind} does not compile")
    drawn = DATA_SET.sample(ROWS, Chance.of(np.random.default_rng(1)))
    rows = zip(drawn.male, drawn.age.tolist(), drawn.annual_salary.tolist(), strict=True)
    records = [
        CustomerRecord("Male" if male else "Female", float(age), float(salary))
        for male, age, salary in rows
    ]
    others = _customers(CHECKED)
    ours = form.probabilities(others)
    theirs = model.predict_proba(CARS.encoder.arrays_to_frame(others))[:, 1]
    return Cost(
        kind,
        type(form).__name__,
        _microseconds(lambda: form.probabilities(CARS.encoder.to_arrays(records)), ROUNDS) / ROWS,
        _microseconds(
            lambda: model.predict_proba(CARS.encoder.to_frame(records)),
            5,
        )
        / ROWS,
        _microseconds(lambda: form.probabilities(CARS.encoder.to_arrays(records[:1])), ROUNDS),
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
    """Median over some rounds."""
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        spent.append(time.perf_counter() - started)
    return float(np.median(spent)) * 1e6
