"""A customer record -> the model's input: the same code for training and for scoring."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from contract.events import CustomerRecord

CATEGORICAL: Final = ("Gender",)
NUMERICAL: Final = ("Age", "AnnualSalary")
FEATURES: Final = (*CATEGORICAL, *NUMERICAL)
TARGET: Final = "Purchased"


def frame(records: Sequence[CustomerRecord]) -> pd.DataFrame:
    """The model's input, one row a record: Gender as text, Age (years) and AnnualSalary as float64.

    The model does its own encoding, so that what is registered can be used by anybody.
    """
    return pd.DataFrame(
        {
            "Gender": np.array([record.gender for record in records], dtype=object),
            "Age": np.array([record.age for record in records], dtype=np.float64),
            "AnnualSalary": np.array(
                [record.annual_salary for record in records], dtype=np.float64
            ),
        }
    )
