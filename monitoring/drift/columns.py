"""The columns that the drift rule watches. Pure."""

from dataclasses import dataclass
from typing import Final

from contract.features import FEATURES, OPTIONAL, TARGET
from contract.schema import Schema
from contract.schema.columns import MISSING
from contract.schema.default import SCHEMA

PREDICTION: Final = "prediction"
PROBABILITY: Final = "probability"
"""Not watched: the estimated accuracy shows what a shift of the probabilities means."""


@dataclass(frozen=True, slots=True)
class WatchedColumn:
    """A column of windows and reference sets. `unit` follows a numerical column's differences."""

    name: str
    numerical: bool
    unit: str = ""


CORRECT: Final = "correct"
"""Whether the prediction was correct, 0 or 1, where the outcome is known."""

MISSING_INDICATORS: Final = tuple(f"{name}{MISSING}" for name in OPTIONAL)
"""Whether an optional feature is missing, yes or no."""

FEATURE_COLUMNS: Final = (*FEATURES, *MISSING_INDICATORS)
"""The columns of data drift."""


def feature_columns(schema: Schema) -> tuple[str, ...]:
    """The columns of data drift: features, and whether nullable ones are missing."""
    return (*schema.features, *(f"{name}{MISSING}" for name in schema.nullable))


WATCHED_COLUMNS: Final = (
    *(WatchedColumn(each.name, each.numerical, each.unit) for each in SCHEMA.columns),
    *(WatchedColumn(name, numerical=False) for name in MISSING_INDICATORS),
    WatchedColumn(PREDICTION, numerical=False),
    WatchedColumn(TARGET, numerical=False),
    WatchedColumn(CORRECT, numerical=False),
)
