"""A column's latest windows -> how strongly each trait speaks against the reference. Pure.

For the latest m windows together, with N rows, and a reference of n rows, the difference d of a
trait's means, in standard deviations of the reference, has the standard error sqrt(1/n + 1/N) if
nothing drifts. The first part stays the same from window to window: it does not shrink, however
long the span. The evidence is (|d| - tolerance) / that error; its maximum over spans is a
window-limited generalised likelihood ratio (Willsky and Jones, IEEE TAC 21, 1976; Lai, JRSS B 57,
1995) with a reference that is itself a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitoring.drift.baseline import Baseline
from monitoring.drift.config import MEMORY, SPANS, Tuning
from monitoring.drift.results import Change
from monitoring.drift.state import ColumnState, Seen
from monitoring.drift.statistics import Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """The strongest: of which span (windows) and trait (index), and how strong."""

    windows: int
    trait: int
    effect: float
    difference: float
    strength: float


def strongest(seen: Sequence[Seen], baseline: Baseline, tuning: Tuning) -> Evidence | None:
    """The strongest evidence of the spans that have the rows; None if none has."""
    rows = np.array([window.rows for window in reversed(seen)], dtype=np.float64)
    means = np.array([window.means for window in reversed(seen)])
    spans = np.array([span for span in SPANS if span <= len(seen)]) - 1
    total = np.cumsum(rows)
    pooled = np.cumsum(means * rows[:, None], axis=0)[spans] / total[spans, None]
    effects = baseline.effects(pooled)
    errors = np.sqrt(1 / baseline.rows + 1 / total[spans])
    strengths = (np.abs(effects) - tuning.tolerance) / errors[:, None]
    strengths[total[spans] < tuning.least_rows] = -np.inf
    best = np.unravel_index(int(np.argmax(strengths)), strengths.shape)
    if not np.isfinite(strengths[best]):
        return None
    span, trait = int(best[0]), int(best[1])
    return Evidence(
        windows=int(spans[span]) + 1,
        trait=trait,
        effect=float(effects[best]),
        difference=float(pooled[best] - baseline.means[trait]),
        strength=float(strengths[best]),
    )


def latest_clean(seen: Sequence[Seen], baseline: Baseline, tuning: Tuning) -> int | None:
    """How many of the latest windows are together near the reference; None if they are not.

    They are as many as end an alarm, and more where these have fewer rows than the reference: what
    small windows happen to say does not end it.
    """
    rows = np.cumsum([window.rows for window in reversed(seen)])
    enough = int(np.searchsorted(rows, baseline.rows)) + 1
    windows = min(max(enough, tuning.clean_windows), MEMORY)
    if windows > len(seen):
        return None
    effects = baseline.effects(_pooled(seen[-windows:]))
    level = tuning.tolerance + tuning.release / np.sqrt(baseline.rows)
    return windows if bool(np.all(np.abs(effects) <= level)) else None


def _pooled(windows: Sequence[Seen]) -> Floats:
    rows = np.array([window.rows for window in windows], dtype=np.float64)
    means = np.array([window.means for window in windows])
    return np.asarray(rows @ means / rows.sum())


def after(
    state: ColumnState, evidence: Evidence, threshold: float, baseline: Baseline, tuning: Tuning
) -> tuple[ColumnState, Change]:
    """The column's state once its latest window is judged by the strongest evidence."""
    if state.since is None:
        if evidence.strength <= threshold:
            return state, Change.NONE
        return ColumnState(state.seen, state.seen[-evidence.windows].start), Change.OPENED
    clean = latest_clean(state.seen, baseline, tuning)
    if clean is None:
        return state, Change.NONE
    # What is older is of the drift that has ended, and would open the alarm again.
    return ColumnState(state.seen[-clean:]), Change.RESOLVED
