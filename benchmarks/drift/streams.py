"""A reference, the champion trained on it, and windows of customers that it scores. Seeded.

The champion is trained by the project's own code; the reference set is the one that it logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from contract.schema import CARS
from data.population import DATA_SET, Customers, Population, RandomStreams
from training import train

ROWS: Final = 1_000
"""Rows of a reference set, as many as the data set has."""

PREDICTION: Final = "prediction"
PROBABILITY: Final = "probability"

Columns: TypeAlias = "Mapping[str, NDArray[np.generic]]"
"""The columns of a window or of a reference by name, shape (n,) each."""


@dataclass(frozen=True)
class World:
    """A champion and the reference set that was logged with it."""

    reference: pd.DataFrame
    model: Pipeline

    @classmethod
    def of(cls, customers: pd.DataFrame, estimator: str = "logistic") -> "World":
        """What training makes of labelled customers."""
        trained = train.fit(customers, estimator, random_state=20, held_out_ratio=0.25, schema=CARS)
        return cls(trained.reference, trained.model)

    @classmethod
    def fresh(cls, random: np.random.Generator) -> "World":
        """A world whose data set is a new sample of the population."""
        return cls.of(frame(DATA_SET.sample(ROWS, RandomStreams.spawn(random))))

    def windows(
        self, populations: Sequence[Population], rows: int, random: np.random.Generator
    ) -> list[pd.DataFrame]:
        """A window of that many rows for each population, with predictions and outcomes."""
        customers = pd.concat(
            [
                frame(population.sample(rows, RandomStreams.spawn(random)))
                for population in populations
            ],
            ignore_index=True,
        )
        probability = train.outputs(self.model, customers, CARS)
        scored = customers.assign(
            **{PREDICTION: CARS.classes.predict(probability, 0.5), PROBABILITY: probability}
        )
        return [scored.iloc[at : at + rows] for at in range(0, len(scored), rows)]


def frame(customers: Customers) -> pd.DataFrame:
    """Customers as the data set has them."""
    return pd.DataFrame(
        {
            "Gender": np.where(customers.male, "Male", "Female").astype(object),
            "Age": customers.age.astype(float),
            "AnnualSalary": customers.annual_salary.astype(float),
            CARS.target.name: customers.purchased,
        }
    )[[*CARS.features, CARS.target.name]]


def columns(rows: pd.DataFrame) -> Columns:
    """What a drift rule is given."""
    return {name: rows[name].to_numpy() for name in (*CARS.features, PREDICTION, CARS.target.name)}
