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

INTERVAL_LOW: Final = "interval low"
INTERVAL_HIGH: Final = "interval high"
"""Ends of a number's prediction interval. No column of a schema has a blank in its name."""

COVERAGE: Final = "interval coverage"
"""Of a numeric target in place of `CORRECT`: whether the outcome is inside the interval."""


def prediction_columns(schema: Schema) -> tuple[str, ...]:
    """The columns that say what was predicted."""
    return (
        (PREDICTION, INTERVAL_LOW, INTERVAL_HIGH)
        if schema.task.numeric
        else (PREDICTION, PROBABILITY)
    )


def output_column(schema: Schema) -> str:
    """The column of the model's output, a number."""
    return PREDICTION if schema.task.numeric else PROBABILITY


def performance_column(schema: Schema) -> str:
    """The column that says whether a prediction was right, 0 or 1."""
    return COVERAGE if schema.task.numeric else CORRECT


def missing_indicators(schema: Schema) -> tuple[str, ...]:
    """Columns that say whether a nullable feature is missing, yes or no."""
    return tuple(f"{name}{MISSING}" for name in schema.nullable)


def feature_columns(schema: Schema) -> tuple[str, ...]:
    """The columns of data drift: features and missing indicators.

    Hour and day of the week are no such columns: within a day or a week they always differ.
    """
    watched = (each.name for each in schema.inputs if not each.follows_clock)
    return (*watched, *missing_indicators(schema))


def categorical_columns(schema: Schema) -> tuple[str, ...]:
    """The columns of categories in windows and reference sets."""
    classes = () if schema.task.numeric else (PREDICTION, schema.target.name)
    return (*schema.categorical, *classes)


def watched_columns(schema: Schema) -> tuple[WatchedColumn, ...]:
    """The columns to which the drift rule is applied."""
    return (
        *(
            WatchedColumn(each.name, each.numerical, each.unit)
            for each in schema.inputs
            if not each.follows_clock
        ),
        *(WatchedColumn(name, numerical=False) for name in missing_indicators(schema)),
        WatchedColumn(PREDICTION, schema.task.numeric, schema.target.unit),
        WatchedColumn(schema.target.name, schema.task.numeric, schema.target.unit),
        WatchedColumn(performance_column(schema), numerical=False),
    )
