"""The drift rule: a window and the previous state -> results and the next state. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec.structs import replace
from scipy.special import ndtr

from monitoring.drift.column_baseline import ColumnBaseline, column_baselines, fingerprint
from monitoring.drift.columns import WatchedColumn
from monitoring.drift.config import DriftConfig, number_of_tests
from monitoring.drift.format import format_column, format_window
from monitoring.drift.likelihood_ratio import LargestDeviation, largest_deviation, update_alarm
from monitoring.drift.results import AlarmChange, ColumnResult, ComparisonStatus, WindowResult
from monitoring.drift.state import ColumnState, DriftState, WindowMeans
from monitoring.drift.statistics import Measurement, Values

DEFAULT_CONFIG: Final = DriftConfig()


class DriftRule:
    """Compares windows with one reference set. It keeps no state: the caller does.

    Attributes:
        tests: Number of tests in each window, which share the false alarm rate.
        threshold: The z-score above which an alarm opens.
        reference: Fingerprint of the reference set, which a state carries.
    """

    def __init__(
        self,
        reference: Mapping[str, Values],
        columns: Iterable[WatchedColumn],
        config: DriftConfig = DEFAULT_CONFIG,
    ) -> None:
        """`reference` has its columns by name, shape (n,) each."""
        self.config: Final = config
        self._baselines = column_baselines(columns, reference, config.min_rows)
        baselines = [each for each in self._baselines.values() if isinstance(each, ColumnBaseline)]
        self.tests: Final = number_of_tests(sum(len(each.statistics) for each in baselines))
        self.threshold: Final = config.threshold(self.tests)
        self.reference: Final = fingerprint(baselines)

    def check(
        self, state: DriftState, start: int, window: Mapping[str, Values]
    ) -> tuple[DriftState, WindowResult]:
        """Compares a window with the reference. Raises for no content of the window.

        Windows are expected in the order of their starts. One that was given before is replaced.

        Args:
            state: State after the previous window.
            start: Start of the window, ms.
            window: Its sample by column, shape (n,) each. Columns that it does not have keep their
                state: outcomes can be given in a later call of their own.

        Returns:
            The next state and the result of each column in `window`.
        """
        columns = dict(state.for_reference(self.reference).columns)
        results: dict[str, ColumnResult] = {}
        for name in (name for name in self._baselines if name in window):
            previous = columns.get(name, ColumnState())
            columns[name], results[name] = self._check_column(name, previous, start, window[name])
        return DriftState(self.reference, columns), WindowResult(
            results, format_window(results.values())
        )

    def revise(
        self,
        state: DriftState,
        start: int,
        window: Mapping[str, Values],
        in_alarm: Collection[str] = (),
    ) -> tuple[DriftState, WindowResult]:
        """Compares a window again, with its late records. No alarm opens or ends.

        The next window is checked with the new means. A state that does not have the window stays
        as it is: it forgot it at a change of the reference or at the end of a drift.

        Args:
            state: State after the newest window.
            start: Start of the window, ms.
            window: Its sample by column, shape (n,) each.
            in_alarm: The columns that were in alarm when the window was checked.

        Returns:
            The next state and the result of each column, with look-backs that end with the window.
        """
        same_reference = state.reference == self.reference
        columns = dict(state.columns) if same_reference else {}
        results: dict[str, ColumnResult] = {}
        for name in (name for name in self._baselines if name in window):
            previous = columns.get(name, ColumnState())
            columns[name], result = self._revise_column(name, previous, start, window[name])
            if name in in_alarm:
                result = replace(result, alarm=True, started_at=previous.started_at)
            baseline = self._baselines[name]
            unit = baseline.column.unit if isinstance(baseline, ColumnBaseline) else ""
            results[name] = replace(result, message=format_column(result, unit))
        revised = DriftState(self.reference, columns) if same_reference else state
        return revised, WindowResult(results, format_window(results.values()))

    def _check_column(
        self, name: str, previous: ColumnState, start: int, values: Values
    ) -> tuple[ColumnState, ColumnResult]:
        baseline = self._baselines[name]
        if isinstance(baseline, ComparisonStatus):
            return previous, _not_compared(name, baseline, previous)
        measured = baseline.measurer.measure(values)
        if not measured.rows:
            status = ComparisonStatus.ALL_MISSING if measured.missing else ComparisonStatus.EMPTY
            return previous, _not_compared(name, status, previous, measured)
        means = WindowMeans(start, measured.rows, tuple(measured.means.tolist()))
        state = previous.with_window(means)
        deviation = largest_deviation(state.windows, baseline, self.config)
        if deviation is None:
            return state, _not_compared(name, ComparisonStatus.TOO_FEW_ROWS, state, measured)
        state, change = update_alarm(state, deviation, self.threshold, baseline, self.config)
        if change is AlarmChange.RESOLVED:  # describe the windows since the drift ended
            deviation = largest_deviation(state.windows, baseline, self.config) or deviation
        result = self._compared(baseline, measured, deviation)
        return state, _with_alarm(result, state, change, baseline.column.unit)

    def _revise_column(
        self, name: str, previous: ColumnState, start: int, values: Values
    ) -> tuple[ColumnState, ColumnResult]:
        baseline = self._baselines[name]
        if isinstance(baseline, ComparisonStatus):
            return previous, ColumnResult(name, baseline)
        measured = baseline.measurer.measure(values)
        if not measured.rows:
            return previous, ColumnResult(name, ComparisonStatus.EMPTY, missing=measured.missing)
        means = WindowMeans(start, measured.rows, tuple(measured.means.tolist()))
        before = ColumnState(tuple(each for each in previous.windows if each.start < start))
        deviation = largest_deviation(before.with_window(means).windows, baseline, self.config)
        has_window = any(each.start == start for each in previous.windows)
        state = previous.with_window(means) if has_window else previous
        if deviation is None:
            return state, ColumnResult(name, ComparisonStatus.TOO_FEW_ROWS, rows=measured.rows)
        return state, self._compared(baseline, measured, deviation)

    def _compared(
        self, baseline: ColumnBaseline, measured: Measurement, deviation: LargestDeviation
    ) -> ColumnResult:
        constant = measured.constant
        return ColumnResult(
            column=baseline.column.name,
            status=ComparisonStatus.CONSTANT if constant else ComparisonStatus.COMPARED,
            rows=measured.rows,
            missing=measured.missing,
            statistic=baseline.statistics[deviation.statistic],
            windows=deviation.windows,
            effect_size=deviation.effect_size,
            difference=deviation.difference,
            reference_value=float(baseline.means[deviation.statistic]),
            z_score=deviation.z_score,
            z_threshold=self.threshold,
            p_value=min(1.0, self.tests * float(ndtr(-deviation.z_score))),
        )


def _not_compared(
    column: str, status: ComparisonStatus, state: ColumnState, measured: Measurement | None = None
) -> ColumnResult:
    """Result of a window with nothing to compare: an open alarm stays open."""
    rows, missing = (measured.rows, measured.missing) if measured else (0, 0)
    result = ColumnResult(column, status, rows=rows, missing=missing)
    return _with_alarm(result, state, AlarmChange.NONE)


def _with_alarm(
    result: ColumnResult, state: ColumnState, change: AlarmChange, unit: str = ""
) -> ColumnResult:
    alarm = state.started_at is not None
    result = replace(result, alarm=alarm, started_at=state.started_at, change=change)
    return replace(result, message=format_column(result, unit))
