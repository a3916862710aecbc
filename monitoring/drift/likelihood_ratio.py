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

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from msgspec.structs import replace

from monitoring.drift.column_baseline import ColumnBaseline
from monitoring.drift.config import LOOKBACKS, MAX_LOOKBACK, DriftConfig
from monitoring.drift.results import AlarmChange
from monitoring.drift.state import ColumnState, WindowMeans
from monitoring.drift.statistics import Floats

_LOOKBACKS: Final = np.array(LOOKBACKS)


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
    latest = windows[::-1]
    lookbacks = _LOOKBACKS[: bisect_right(LOOKBACKS, len(windows))]
    rows = np.array([window.rows for window in latest], dtype=np.float64)
    sums = np.cumsum(np.array([window.means for window in latest]) * rows[:, None], axis=0)
    total = np.cumsum(rows)[lookbacks - 1]
    pooled = sums[lookbacks - 1] / total[:, None]
    effect_sizes = baseline.effect_sizes(pooled)
    errors = np.sqrt(1 / baseline.rows + 1 / total)
    z_scores = (np.abs(effect_sizes) - config.tolerance) / errors[:, None]
    z_scores[total < config.min_rows] = -np.inf
    lookback, statistic = divmod(int(z_scores.argmax()), z_scores.shape[1])
    z_score = float(z_scores[lookback, statistic])
    if not isfinite(z_score):
        return None
    return LargestDeviation(
        windows=LOOKBACKS[lookback],
        statistic=statistic,
        effect_size=float(effect_sizes[lookback, statistic]),
        difference=float(pooled[lookback, statistic] - baseline.means[statistic]),
        z_score=z_score,
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
        return replace(state, started_at=started_at), AlarmChange.OPENED
    clean = count_clean_windows(state.windows, baseline, config)
    if clean is None:
        return state, AlarmChange.NONE
    # Older windows belong to the drift that has ended, and would open the alarm again.
    windows = state.windows[-clean:]
    return ColumnState(windows, forgotten_before=windows[0].start), AlarmChange.RESOLVED


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
