"""Rows of a reference set."""

import numpy as np
import pandas as pd

from data.population import DATA_SET, Population, RandomStreams


def reference_rows(rows: int, seed: int, population: Population = DATA_SET) -> pd.DataFrame:
    """Rows of a reference set, drawn from a population and predicted by its true probabilities."""
    random = np.random.default_rng(seed)
    drawn = population.sample(rows, RandomStreams.spawn(random))
    probability = population.purchase_probability(
        drawn.age.astype(float), drawn.annual_salary.astype(float)
    )
    return pd.DataFrame(
        {
            "Gender": np.where(drawn.male, "Male", "Female").astype(object),
            "Age": drawn.age.astype(float),
            "AnnualSalary": drawn.annual_salary.astype(float),
            "Purchased": drawn.purchased,
            "prediction": (probability > 0.5).astype("int64"),
            "probability": probability,
        }
    )
