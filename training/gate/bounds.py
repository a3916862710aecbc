"""What the gate and the live comparison hold a version against. Plain data."""

from dataclasses import dataclass

from training.settings import TrainingSettings


@dataclass(frozen=True)
class Bounds:
    """The settings of the gate; docs/retraining.md tells how they were chosen.

    Attributes:
        confidence: of every one-sided bound, above 0.5.
        margin: log loss that a challenger must be better by.
        group: log loss that it may be worse by in any group.
        calibration: calibration error beyond what chance makes of calibrated probabilities.
        microseconds: a row of a batch.
        skill: share of the champion's skill that it must have.
        agreement: least rank correlation with the champion's probabilities.
        least: rows without which a set or a group is not judged.
    """

    confidence: float = 0.95
    margin: float = 0.002
    group: float = 0.05
    calibration: float = 0.02
    microseconds: float = 50.0
    skill: float = 0.5
    agreement: float = 0.2
    least: int = 100

    @classmethod
    def of(cls, settings: TrainingSettings) -> "Bounds":
        """Those that the settings name."""
        return cls(
            settings.gate_confidence,
            settings.gate_min_improvement,
            settings.gate_max_group_loss,
            settings.gate_max_calibration_error,
            settings.gate_max_row_microseconds,
            settings.gate_min_skill_ratio,
            settings.gate_min_rank_correlation,
            settings.gate_min_rows,
        )
