"""A closed window's columns and the state before it -> the verdict and the state after. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace
from scipy.special import ndtr

from monitoring.drift.baseline import Baseline, baselines, fingerprint
from monitoring.drift.columns import WATCHED, Column
from monitoring.drift.config import Tuning, tests
from monitoring.drift.format import format_column, format_window
from monitoring.drift.glr_test import Evidence, after, strongest
from monitoring.drift.results import Change, Finding, Reason, Verdict
from monitoring.drift.state import ColumnState, Seen, State
from monitoring.drift.statistics import Measured, Values

DEFAULT: Final = Tuning()


class DriftRule:
    """The rule against one reference set. It has no state of its own.

    Attributes:
        tests: two sides of every trait of every column on every span; all share the false alarms.
        threshold: what a trait's evidence must exceed, in standard errors.
        reference: names the reference set by its content; a state notes it.
    """

    def __init__(
        self,
        reference: Mapping[str, Values],
        columns: Iterable[Column] = WATCHED,
        tuning: Tuning = DEFAULT,
    ) -> None:
        """`reference` has its columns by name, shape (n,) each."""
        self.tuning: Final = tuning
        self._baselines = baselines(columns, reference, tuning.least_rows)
        known = [each for each in self._baselines.values() if isinstance(each, Baseline)]
        self.tests: Final = tests(sum(len(each.traits) for each in known))
        self.threshold: Final = tuning.threshold(self.tests)
        self.reference: Final = fingerprint(known)

    def check(
        self, state: State, start: int, window: Mapping[str, Values]
    ) -> tuple[State, Verdict]:
        """Judges the window that starts at `start` (ms); never raises for what is in it.

        `window` has the sample by column, shape (n,) each. A column that it does not have stays as
        it is: outcomes may be given in a call of their own once they are known. A window that was
        given before is replaced. Windows are expected in the order of their starts.
        """
        columns = dict(state.under(self.reference).columns)
        findings: dict[str, Finding] = {}
        for name in (name for name in self._baselines if name in window):
            before = columns.get(name, ColumnState())
            columns[name], findings[name] = self._column(name, before, start, window[name])
        alarm = any(finding.alarm for finding in findings.values())
        verdict = Verdict(alarm, findings, format_window(findings.values()))
        return State(self.reference, columns), verdict

    def _column(
        self, name: str, before: ColumnState, start: int, values: Values
    ) -> tuple[ColumnState, Finding]:
        baseline = self._baselines[name]
        if isinstance(baseline, Reason):
            return before, nothing(name, baseline, before)
        measured = baseline.measure(values)
        if not measured.rows:
            reason = Reason.ALL_MISSING if measured.missing else Reason.EMPTY
            return before, nothing(name, reason, before, measured)
        state = before.saw(Seen(start, measured.rows, tuple(measured.means.tolist())))
        evidence = strongest(state.seen, baseline, self.tuning)
        if evidence is None:
            return state, nothing(name, Reason.TOO_FEW_ROWS, state, measured)
        state, change = after(state, evidence, self.threshold, baseline, self.tuning)
        if change is Change.RESOLVED:  # of the windows since the drift ended
            evidence = strongest(state.seen, baseline, self.tuning) or evidence
        finding = compared(baseline, measured, evidence, self.threshold, self.tests)
        return state, in_episode(finding, state, change, baseline.column.unit)


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
    return replace(finding, words=format_column(finding, unit))
