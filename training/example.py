"""What a registered model must still say wherever it is loaded: `contract.registry.Example`."""

from typing import Final

import msgspec
import pandas as pd
from sklearn.pipeline import Pipeline

from contract.events import CustomerRecord
from contract.features import FEATURES, frame
from contract.registry import Example

ROWS: Final = 50
"""Enough that a model which is another one differs in some of them."""


def example(model: Pipeline, rows: pd.DataFrame) -> Example:
    """The model's own probabilities of the first rows."""
    given = rows[list(FEATURES)].head(ROWS).to_dict("records")
    inputs = msgspec.convert(given, list[CustomerRecord])
    return Example(inputs, model.predict_proba(frame(inputs))[:, 1].tolist())
