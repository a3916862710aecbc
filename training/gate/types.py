"""What the gate is given, and what it decides. Plain data."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.schema import Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule
from training.settings import TrainingSettings
from training.threshold import EQUAL_COSTS, Costs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """The gate's settings; docs/retraining.md says how their defaults were chosen.

    Losses are log losses of classes, and squared errors of numbers in variances of the target.

    Attributes:
        confidence: of every one-sided bound, above 0.5.
        min_improvement: loss by which a challenger must be better.
        max_group_loss: loss by which it may be worse in any group.
        max_calibration_error: calibration error beyond that of calibrated probabilities, or mean
            error beyond chance in standard deviations.
        max_row_microseconds: processor time for a row of a batch.
        min_skill_ratio: share of the champion's skill that it must have.
        min_rank_correlation: with the champion's outputs.
        min_rows: with fewer rows a set or a group is not checked.
    """

    confidence: float = 0.95
    min_improvement: float = 0.002
    max_group_loss: float = 0.05
    max_calibration_error: float = 0.02
    max_row_microseconds: float = 50.0
    min_skill_ratio: float = 0.5
    min_rank_correlation: float = 0.2
    min_rows: int = 100

    @classmethod
    def from_settings(cls, settings: TrainingSettings) -> "Thresholds":
        """The thresholds of the settings `INTENT_GATE_*`."""
        return cls(
            confidence=settings.gate_confidence,
            min_improvement=settings.gate_min_improvement,
            max_group_loss=settings.gate_max_group_loss,
            max_calibration_error=settings.gate_max_calibration_error,
            max_row_microseconds=settings.gate_max_row_microseconds,
            min_skill_ratio=settings.gate_min_skill_ratio,
            min_rank_correlation=settings.gate_min_rank_correlation,
            min_rows=settings.gate_min_rows,
        )


@dataclass(frozen=True)
class Champion:
    """The version that a candidate is compared with.

    Attributes:
        version: in the registry.
        outputs: its outputs of the candidate's held-out rows, as `contract.schema.task` has
            them; None if it does not load.
        skill: its skill on its own held-out rows when it was trained; None if unknown.
        rule: how its outputs become predictions.
    """

    version: str
    outputs: Floats | None
    skill: float | None
    rule: DecisionRule = DEFAULT_RULE


@dataclass(frozen=True)
class Candidate:
    """A trained version before it is registered.

    Attributes:
        schema: of the rows.
        held_out: rows that neither model was fitted on: features and target.
        outputs: the candidate's outputs of these rows.
        newest: mask of the rows of the newest labelled window, shape (n,); all False without one.
        reference: the rows whose quartiles bound the groups.
        row_microseconds: processor time for a row of a batch.
        rule: how its outputs become predictions.
        costs: of wrong predictions.
    """

    schema: Schema
    held_out: pd.DataFrame
    outputs: Floats
    newest: NDArray[np.bool_]
    reference: pd.DataFrame
    row_microseconds: float
    rule: DecisionRule = DEFAULT_RULE
    costs: Costs = EQUAL_COSTS


@dataclass(frozen=True)
class Check:
    """One check of a candidate.

    Attributes:
        name: short, and part of a metric's name in MLflow.
        passed: None where it could not be checked, which rejects nothing.
        figure: what was measured.
        bound: what it was compared with.
        message: both in a sentence.
    """

    name: str
    passed: bool | None
    figure: float
    bound: float
    message: str


@dataclass(frozen=True)
class GateDecision:
    """Whether a candidate may become champion, and why.

    Attributes:
        promote: whether it may.
        reason: in a sentence.
        champion: the version that it may replace; None if there was none.
        compared: whether it was compared with that champion, which may not have loaded.
        checks: all checks.
    """

    promote: bool
    reason: str
    champion: str | None = None
    compared: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.passed is False)
