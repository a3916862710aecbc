"""Results of the drift rule, for a column and for a window. Plain data."""

from enum import StrEnum

from msgspec import Struct

from monitoring.drift.statistics import Statistic


class ComparisonStatus(StrEnum):
    """Whether a column was compared with the reference, or why not."""

    COMPARED = "compared"
    CONSTANT = "constant"
    """Compared; all values of the window are the same."""
    EMPTY = "empty"
    """The window has no rows."""
    ALL_MISSING = "all_missing"
    """No row of the window has a value."""
    TOO_FEW_ROWS = "too_few_rows"
    """Not even the longest look-back has `DriftConfig.min_rows`. The rows are kept for later."""
    NO_REFERENCE = "no_reference"
    """The reference has no such column, or too few values of it."""
    CONSTANT_REFERENCE = "constant_reference"
    """All numbers of the reference are the same, so it has no standard deviation."""


class AlarmChange(StrEnum):
    """What a window did to a column's alarm."""

    NONE = "none"
    OPENED = "opened"
    RESOLVED = "resolved"


class ColumnResult(Struct, frozen=True):
    """Result for a column. The figures are None where there is nothing to compare.

    They are those of the look-back and the statistic with the largest z-score.

    Attributes:
        rows: Values in the window's sample.
        missing: Rows of the sample without a value.
        statistic: The statistic that differs most.
        windows: Number of pooled windows.
        effect_size: Signed difference in standard deviations of the reference.
        difference: The difference in the column's own unit, or as a share between -1 and 1.
        reference_value: The statistic in the reference.
        z_score: Standard errors by which the effect size exceeds the tolerance.
        z_threshold: What the z-score must exceed to open an alarm.
        p_value: Maximum probability of such a z-score in a window without drift, adjusted for all
            columns and look-backs.
        alarm: Whether an alarm is open.
        started_at: Start (ms) of the first window of the open alarm's drift.
        change: Whether this window opened or resolved the alarm.
        message: The result as a sentence.
    """

    column: str
    status: ComparisonStatus
    rows: int = 0
    missing: int = 0
    statistic: Statistic | None = None
    windows: int = 0
    effect_size: float | None = None
    difference: float | None = None
    reference_value: float | None = None
    z_score: float | None = None
    z_threshold: float | None = None
    p_value: float | None = None
    alarm: bool = False
    started_at: int | None = None
    change: AlarmChange = AlarmChange.NONE
    message: str = ""


class WindowResult(Struct, frozen=True):
    """Result for a window.

    Attributes:
        columns: A result for each column that was given.
        message: The messages of the columns in alarm, or that there are none.
    """

    columns: dict[str, ColumnResult]
    message: str

    @property
    def alarm(self) -> bool:
        """Whether any column has an open alarm."""
        return any(result.alarm for result in self.columns.values())

    @property
    def drifted_columns(self) -> tuple[str, ...]:
        """The columns in alarm."""
        return tuple(name for name, result in self.columns.items() if result.alarm)
