"""The columns that the drift rule watches. Pure."""

from dataclasses import dataclass
from typing import Final

from contract.schema import Schema
from contract.schema.columns import MISSING

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


def missing_indicators(schema: Schema) -> tuple[str, ...]:
    """Columns that say whether a nullable feature is missing, yes or no."""
    return tuple(f"{name}{MISSING}" for name in schema.nullable)


def feature_columns(schema: Schema) -> tuple[str, ...]:
    """The columns of data drift: features and missing indicators.

    Hour and day of the week are no such columns: within a day or a week they always differ.
    """
    watched = (each.name for each in schema.inputs if not each.follows_clock)
    return (*watched, *missing_indicators(schema))


def watched_columns(schema: Schema) -> tuple[WatchedColumn, ...]:
    """The columns to which the drift rule is applied."""
    return (
        *(
            WatchedColumn(each.name, each.numerical, each.unit)
            for each in schema.inputs
            if not each.follows_clock
        ),
        *(WatchedColumn(name, numerical=False) for name in missing_indicators(schema)),
        WatchedColumn(PREDICTION, numerical=False),
        WatchedColumn(schema.target.name, numerical=False),
        WatchedColumn(CORRECT, numerical=False),
    )
