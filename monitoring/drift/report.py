"""What was measured -> the finding, with its figures and its words. Pure."""

from msgspec.structs import replace
from scipy.special import ndtr

from monitoring.drift import words
from monitoring.drift.baseline import Baseline
from monitoring.drift.evidence import Evidence
from monitoring.drift.finding import Change, Finding, Reason
from monitoring.drift.state import ColumnState
from monitoring.drift.traits import Measured


def nothing(
    column: str, reason: Reason, state: ColumnState, measured: Measured | None = None
) -> Finding:
    """A window with nothing to compare: an open episode stays open."""
    rows, missing = (measured.rows, measured.missing) if measured else (0, 0)
    finding = Finding(column, reason, rows=rows, missing=missing)
    return in_episode(finding, state, Change.NONE)


def compared(
    baseline: Baseline, measured: Measured, evidence: Evidence, threshold: float, tests: int
) -> Finding:
    """The figures of a window that was compared."""
    return Finding(
        column=baseline.column.name,
        reason=Reason.CONSTANT if measured.constant else Reason.COMPARED,
        rows=measured.rows,
        missing=measured.missing,
        trait=baseline.traits[evidence.trait],
        windows=evidence.windows,
        effect=evidence.effect,
        difference=evidence.difference,
        reference=float(baseline.means[evidence.trait]),
        evidence=evidence.strength,
        threshold=threshold,
        p=min(1.0, tests * float(ndtr(-evidence.strength))),
    )


def in_episode(finding: Finding, state: ColumnState, change: Change, unit: str = "") -> Finding:
    """The same, with what became of the column's alarm, and in words."""
    finding = replace(finding, alarm=state.since is not None, since=state.since, change=change)
    return replace(finding, words=words.of_column(finding, unit))
