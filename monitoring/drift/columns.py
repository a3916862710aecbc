"""The columns that the drift rule watches, and how people speak of them. Pure."""

from dataclasses import dataclass
from typing import Final

from contract.features import TARGET

PREDICTION: Final = "prediction"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `unit` is said after its differences, if it is a numerical one."""

    name: str
    numerical: bool
    unit: str = ""


CORRECT: Final = "correct"
"""Whether the prediction was right, where the outcome is known: 0 or 1."""

WATCHED: Final = (
    Column("Gender", numerical=False),
    Column("Age", numerical=True, unit="years"),
    Column("AnnualSalary", numerical=True),
    Column(PREDICTION, numerical=False),
    Column(TARGET, numerical=False),
    Column(CORRECT, numerical=False),
)
"""The features, what was predicted, what customers did, and whether that was foreseen."""
