"""Simulates customers of the cars schema from their population. Pure and seeded."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contract.schema import CARS
from contract.schema.cars import CustomerRecord
from data.population import DATA_SET, Floats, Population, RandomStreams
from producers.simulator import Corruption, SimulationConfig, Simulator


class CustomerSimulator(Simulator):
    """Draws customers. The population drifts to `drifted`."""

    def __init__(self, config: SimulationConfig, drifted: Population = DATA_SET) -> None:
        self._drifted = drifted
        random = np.random.default_rng(config.seed)
        self._streams = RandomStreams.spawn(random)
        super().__init__(config, CARS, random, CORRUPTIONS)

    def _sample(
        self, drift: Floats, ids: Sequence[str | None]
    ) -> tuple[list[CustomerRecord], NDArray[np.integer]]:
        population = DATA_SET.interpolate(self._drifted, drift)
        sample = population.sample(len(ids), self._streams)
        columns = (sample.male.tolist(), sample.age.tolist(), sample.annual_salary.tolist())
        rows = zip(*columns, ids, strict=True)
        records = [CustomerRecord("Male" if male else "Female", *rest) for male, *rest in rows]
        return records, sample.purchased


CORRUPTIONS: Final[tuple[Corruption, ...]] = (
    lambda value: value[: len(value) // 2],  # truncated
    lambda value: value.replace(b'"Age"', b'"Years"', 1),  # a missing field
    lambda value: value.replace(b'"Male"', b'"male"').replace(b'"Female"', b'"female"'),
    lambda value: value.replace(b'"Age":', b'"Age":-', 1),  # out of range
    lambda value: value.replace(b'"AnnualSalary":', b'"AnnualSalary":"high","was":', 1),
    lambda value: value.replace(b"ale", b"al\xe9", 1),  # Latin-1, not UTF-8
    lambda _: None,
)
"""Ways to make a record invalid. Each leads to another dead letter reason."""
