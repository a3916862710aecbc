"""A column's latest windows -> its largest z-score, and whether its alarm opens or ends. Pure.

For the latest m windows together, with N rows, and a reference of n rows, the difference d of a
statistic, in standard deviations of the reference, has the standard error sqrt(1/n + 1/N) if
nothing drifts. The first part is the same in every window: it does not shrink, however long the
look-back. The z-score is (|d| - tolerance) / that error. Its maximum over look-backs is a
window-limited generalised likelihood ratio (Willsky and Jones, IEEE TAC 21, 1976; Lai, JRSS B 57,
1995) with a reference that is itself a sample.

An alarm opens when that maximum exceeds the threshold. It ends only when the latest few windows
together are near the reference, at a level well below what opens it: a difference at the edge does
not make it flap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitoring.drift.column_baseline import ColumnBaseline
from monitoring.drift.config import LOOKBACKS, MAX_LOOKBACK, DriftConfig
from monitoring.drift.results import AlarmChange
from monitoring.drift.state import ColumnState, WindowMeans
from monitoring.drift.statistics import Floats


@dataclass(frozen=True, slots=True)
class LargestDeviation:
    """The largest z-score of a column.

    Attributes:
        windows: Number of pooled windows.
        statistic: Index of the statistic.
    """

    windows: int
    statistic: int
    effect_size: float
    difference: float
    z_score: float


def largest_deviation(
    windows: Sequence[WindowMeans], baseline: ColumnBaseline, config: DriftConfig
) -> LargestDeviation | None:
    """Finds the largest z-score over look-backs and statistics.

    Returns:
        None if no look-back has `config.min_rows` rows.
    """
    rows = np.array([window.rows for window in reversed(windows)], dtype=np.float64)
    means = np.array([window.means for window in reversed(windows)])
    lookbacks = np.array([length for length in LOOKBACKS if length <= len(windows)]) - 1
    total = np.cumsum(rows)
    pooled = np.cumsum(means * rows[:, None], axis=0)[lookbacks] / total[lookbacks, None]
    effect_sizes = baseline.effect_sizes(pooled)
    errors = np.sqrt(1 / baseline.rows + 1 / total[lookbacks])
    z_scores = (np.abs(effect_sizes) - config.tolerance) / errors[:, None]
    z_scores[total[lookbacks] < config.min_rows] = -np.inf
    largest = np.unravel_index(int(np.argmax(z_scores)), z_scores.shape)
    if not np.isfinite(z_scores[largest]):
        return None
    lookback, statistic = int(largest[0]), int(largest[1])
    return LargestDeviation(
        windows=int(lookbacks[lookback]) + 1,
        statistic=statistic,
        effect_size=float(effect_sizes[largest]),
        difference=float(pooled[largest] - baseline.means[statistic]),
        z_score=float(z_scores[largest]),
    )


def update_alarm(
    state: ColumnState,
    deviation: LargestDeviation,
    threshold: float,
    baseline: ColumnBaseline,
    config: DriftConfig,
) -> tuple[ColumnState, AlarmChange]:
    """Opens or resolves a column's alarm after its latest window."""
    if state.started_at is None:
        if deviation.z_score <= threshold:
            return state, AlarmChange.NONE
        started_at = state.windows[-deviation.windows].start
        return ColumnState(state.windows, started_at), AlarmChange.OPENED
    clean = count_clean_windows(state.windows, baseline, config)
    if clean is None:
        return state, AlarmChange.NONE
    # Older windows belong to the drift that has ended, and would open the alarm again.
    return ColumnState(state.windows[-clean:]), AlarmChange.RESOLVED


def count_clean_windows(
    windows: Sequence[WindowMeans], baseline: ColumnBaseline, config: DriftConfig
) -> int | None:
    """How many of the latest windows are together near the reference.

    At least `config.clean_windows` are pooled, and more until they have as many rows as the
    reference: a few small windows do not end an alarm.

    Returns:
        None if the windows are too few, or not near the reference.
    """
    rows = np.cumsum([window.rows for window in reversed(windows)])
    enough = int(np.searchsorted(rows, baseline.rows)) + 1
    count = min(max(enough, config.clean_windows), MAX_LOOKBACK)
    if count > len(windows):
        return None
    effect_sizes = baseline.effect_sizes(_pooled_means(windows[-count:]))
    level = config.tolerance + config.release_errors / np.sqrt(baseline.rows)
    return count if bool(np.all(np.abs(effect_sizes) <= level)) else None


def _pooled_means(windows: Sequence[WindowMeans]) -> Floats:
    rows = np.array([window.rows for window in windows], dtype=np.float64)
    means = np.array([window.means for window in windows])
    return np.asarray(rows @ means / rows.sum())
