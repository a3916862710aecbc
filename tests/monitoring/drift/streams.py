"""Windows of the project's population, without a model: predicted is what is likelier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.population import DATA_SET, Population, RandomStreams
from monitoring.drift.results import WindowResult
from monitoring.drift.rule import DriftRule
from monitoring.drift.state import DriftState

MINUTE = 60_000
FIRST = 1_795_459_200_000 // MINUTE * MINUTE

START = DriftState()

Window = dict[str, NDArray[Any]]


def window(random: np.random.Generator, rows: int, population: Population = DATA_SET) -> Window:
    return windows(random, [population], rows)[0]


def windows(
    random: np.random.Generator, populations: Sequence[Population], rows: int = 1_000
) -> list[Window]:
    """A window of each population. All are drawn at once, which takes a third of the time."""
    each_row = Population(
        *(
            np.repeat([getattr(each, field.name) for each in populations], rows)
            for field in fields(Population)
        )
    )
    sample = each_row.sample(rows * len(populations), RandomStreams.spawn(random))
    age, salary = sample.age.astype(float), sample.annual_salary.astype(float)
    likely = (DATA_SET.purchase_probability(age, salary) > 0.5).astype(int)
    drawn = {
        "Gender": np.where(sample.male, "Male", "Female"),
        "Age": age,
        "AnnualSalary": salary,
        "prediction": likely,
        "Purchased": sample.purchased,
        "correct": (likely == sample.purchased).astype(int),
    }
    return [
        {name: values[at : at + rows] for name, values in drawn.items()}
        for at in range(0, len(likely), rows)
    ]


def check_all(
    rule: DriftRule, windows: Iterable[Mapping[str, NDArray[Any]]], state: DriftState = START
) -> list[WindowResult]:
    """The result of each window, one a minute."""
    results = []
    for number, each in enumerate(windows):
        state, result = rule.check(state, FIRST + number * MINUTE, each)
        results.append(result)
    return results
