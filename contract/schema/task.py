"""What a schema's models return: probabilities of classes, or numbers.

This is the one place that knows which. Whatever depends on it asks `schema.task`.
"""

from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

DEFAULT_THRESHOLD: Final = 0.5
"""Decision threshold of a version that has none of its own, as in scikit-learn's `predict`."""


class Interval(Struct, frozen=True, forbid_unknown_fields=True):
    """Prediction interval of a version: prediction - margin to prediction + margin.

    Attributes:
        level: Share of the outcomes that are inside, if the records are like the held-out rows.
        margin: Half of the width, in the target's unit.
    """

    level: float
    margin: float

    def __post_init__(self) -> None:
        """Raises `ValueError` for values that make no interval."""
        if not (0 < self.level < 1 and 0 <= self.margin < float("inf")):
            raise ValueError("level must be between 0 and 1, margin a number from 0")


class DecisionRule(Struct, frozen=True):
    """How the outputs of a version become predictions. Stored as tags of the version.

    Attributes:
        threshold: Above this probability, the positive class of two is predicted.
        interval: Interval of a number; None if it was registered without labelled rows.
    """

    threshold: float = DEFAULT_THRESHOLD
    interval: Interval | None = None


DEFAULT_RULE: Final = DecisionRule()


class Task(Protocol):
    """What models return (their outputs), and what a prediction reports of it."""

    @property
    def numeric(self) -> bool:
        """Whether the outputs are numbers, shape (n,).

        Else they are probabilities, as `contract.schema.classes` defines them.
        """

    @property
    def textual(self) -> bool:
        """Whether predictions and outcomes are texts."""

    @property
    def output(self) -> str:
        """What an output is called: `probability` or `number`."""

    def valid(self, outputs: Floats) -> NDArray[np.bool_]:
        """Whether each value is a possible output, in the shape of the outputs."""

    def report(self, outputs: Floats, rule: DecisionRule) -> tuple[list[Any], list[Any]]:
        """The prediction of each of n records, and what is said of it.

        Returns:
            Of classes, the class and its probability. Of numbers, the number and its interval,
            (lowest, highest) or None.
        """

    def disagreements(
        self,
        outputs: Floats,
        rule: DecisionRule,
        champion_outputs: Floats,
        champion_rule: DecisionRule,
    ) -> int:
        """For how many records a version differs from the champion.

        Of classes, those with another class. Of numbers, those outside of the champion's interval.
        """

    def output_type(self) -> Any:
        """The type of a record's output in JSON."""

    def tolerance(self, outputs: Floats) -> float:
        """How far rounding on another machine may move an output."""
