"""The columns that the drift rule watches, and how people speak of them. Pure."""

from dataclasses import dataclass
from typing import Final

from contract.features import FEATURES, OPTIONAL, TARGET
from contract.schema.columns import MISSING
from contract.schema.default import SCHEMA

PREDICTION: Final = "prediction"
PROBABILITY: Final = "probability"
"""Not watched: the expected accuracy tells what it says."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `unit` is said after its differences, if it is a numerical one."""

    name: str
    numerical: bool
    unit: str = ""


CORRECT: Final = "correct"
"""Whether the prediction was right, where the outcome is known: 0 or 1."""

LACKS: Final = tuple(f"{name}{MISSING}" for name in OPTIONAL)
"""Whether a feature that may lack does: yes or no."""

OF_RECORDS: Final = (*FEATURES, *LACKS)
"""What drifts if the records do."""

WATCHED: Final = (
    *(Column(each.name, each.numerical, each.unit) for each in SCHEMA.columns),
    *(Column(name, numerical=False) for name in LACKS),
    Column(PREDICTION, numerical=False),
    Column(TARGET, numerical=False),
    Column(CORRECT, numerical=False),
)
"""The features, what was predicted, what came, and whether that was foreseen."""
