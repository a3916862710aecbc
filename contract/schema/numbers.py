"""A numeric target: numbers -> predictions with intervals."""

# ruff: noqa: ARG002  not each task uses all that a task is given

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema.columns import Target
from contract.schema.task import DecisionRule, Floats

RELATIVE_TOLERANCE: Final = 1e-5
"""Maximum difference from a logged number, as a share of the largest one."""


class Numbers:
    """See `contract.schema.task.Task`.

    Attributes:
        range: Smallest and largest outcome. No interval goes beyond.
    """

    numeric: Final = True
    textual: Final = False
    output: Final = "number"

    def __init__(self, target: Target) -> None:
        self.range: Final = target.range or (-np.inf, np.inf)

    def valid(self, outputs: Floats) -> NDArray[np.bool_]:
        """Finite numbers are."""
        return np.isfinite(outputs)

    def report(self, outputs: Floats, rule: DecisionRule) -> tuple[list[Any], list[Any]]:
        """The numbers and their intervals."""
        interval = rule.interval
        if interval is None:
            return outputs.tolist(), [None] * len(outputs)
        ends = outputs - interval.margin, outputs + interval.margin
        lowest, highest = (np.clip(each, *self.range) for each in ends)
        return outputs.tolist(), list(zip(lowest.tolist(), highest.tolist(), strict=True))

    def disagreements(
        self,
        outputs: Floats,
        rule: DecisionRule,
        champion_outputs: Floats,
        champion_rule: DecisionRule,
    ) -> int:
        """Numbers outside of the champion's interval; without one, numbers that differ."""
        margin = champion_rule.interval.margin if champion_rule.interval else 0.0
        return int((np.abs(outputs - champion_outputs) > margin).sum())

    def output_type(self) -> Any:
        """A number."""
        return float

    def tolerance(self, outputs: Floats) -> float:
        """Relative to the largest number."""
        return RELATIVE_TOLERANCE * max(1.0, float(np.abs(outputs).max(initial=0.0)))
