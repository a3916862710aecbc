"""What a registered model must still say wherever it is loaded: `contract.registry.Example`."""

from typing import Final

import pandas as pd
from sklearn.pipeline import Pipeline

from contract.classes import of_classifier
from contract.features import frame, records
from contract.registry import Example

ROWS: Final = 50
"""Enough that a model which is another one differs in some of them."""


def example(model: Pipeline, rows: pd.DataFrame) -> Example:
    """The model's own probabilities of the first rows."""
    inputs = records(rows.head(ROWS))
    found = model.predict_proba(frame(inputs))
    return Example(inputs, of_classifier(found, model.classes_).tolist())
