"""When a column's alarm opens and when it ends. Pure.

It opens by the strongest evidence of any span. It ends only when the latest few windows together
are near the reference, at a level well below that: a difference at the edge does not flap.
"""

from monitoring.drift.baseline import Baseline
from monitoring.drift.evidence import Evidence, latest_clean
from monitoring.drift.finding import Change
from monitoring.drift.state import ColumnState
from monitoring.drift.tuning import Tuning


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
