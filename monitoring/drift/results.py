"""What the drift rule says of a column and of a window. Plain data."""

from enum import StrEnum

from msgspec import Struct

from monitoring.drift.statistics import Trait


class Reason(StrEnum):
    """Whether a column was compared, or why not; all that a metric's label can be."""

    COMPARED = "compared"
    CONSTANT = "constant"
    """Compared; all of the window's values are the same."""
    EMPTY = "empty"
    """The window has no rows."""
    ALL_MISSING = "all_missing"
    """No row of the window has a value."""
    TOO_FEW_ROWS = "too_few_rows"
    """Not even the longest span has the rows that a test needs; the rows are kept for later."""
    NO_REFERENCE = "no_reference"
    """The reference has no such column, or too few values of it."""
    CONSTANT_REFERENCE = "constant_reference"
    """A number that is always the same in the reference: no unit to measure a difference in."""


class Change(StrEnum):
    """What the window did to the column's alarm."""

    NONE = "none"
    OPENED = "opened"
    RESOLVED = "resolved"


class Finding(Struct, frozen=True):
    """One column. The figures are None where there is nothing to compare.

    They are of the span of latest windows and of the trait that speak most against the reference.

    Attributes:
        rows: values of this window's sample; `missing` are those without one.
        trait: what differs most.
        windows: length of that span.
        effect: difference in standard deviations of the trait in the reference; signed.
        difference: the same in the column's own unit, or as a share between -1 and 1.
        reference: the trait's value in the reference.
        evidence: standard errors by which the effect is beyond the tolerance.
        threshold: what the evidence must exceed for an alarm.
        p: chance of such evidence in a window without drift, at most: over all columns and spans.
        alarm: whether an episode is open.
        since: start (ms) of the first window of the episode's drift.
        change: whether the episode was opened or resolved now.
        words: all this in one sentence.
    """

    column: str
    reason: Reason
    rows: int = 0
    missing: int = 0
    trait: Trait | None = None
    windows: int = 0
    effect: float | None = None
    difference: float | None = None
    reference: float | None = None
    evidence: float | None = None
    threshold: float | None = None
    p: float | None = None
    alarm: bool = False
    since: int | None = None
    change: Change = Change.NONE
    words: str = ""


class Verdict(Struct, frozen=True):
    """A window. `alarm`: some column has an open episode.

    Attributes:
        findings: one for each column that was given.
        words: of the columns in alarm, or that there are none.
    """

    alarm: bool
    findings: dict[str, Finding]
    words: str

    @property
    def drifted(self) -> tuple[str, ...]:
        """The columns in alarm."""
        return tuple(name for name, finding in self.findings.items() if finding.alarm)

    def changed(self, change: Change) -> tuple[Finding, ...]:
        """The columns whose episode was opened, or resolved, by this window."""
        return tuple(each for each in self.findings.values() if each.change is change)
