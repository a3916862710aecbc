"""A window's rows -> a table with the columns of the reference set. Pure."""

from collections.abc import Sequence

import pandas as pd

from contract.features import TARGET, frame
from monitoring.drift import PREDICTION
from monitoring.sample import Row

PROBABILITY = "probability"


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """Complete rows as columns: those of the reference; the target NaN where it is not known."""
    customers = [row.customer for row in rows if row.customer is not None]
    predictions = [row.prediction for row in rows if row.prediction is not None]
    columns = frame(customers)
    columns[TARGET] = pd.Series([row.purchased for row in rows], dtype="float64")
    columns[PREDICTION] = pd.Series([each.prediction for each in predictions], dtype="int64")
    columns[PROBABILITY] = pd.Series([each.probability for each in predictions], dtype="float64")
    return columns
