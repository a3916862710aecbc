"""What the drift rule carries from window to window: plain data, bounded, written as JSON."""

import msgspec
from msgspec import Struct

from monitoring.drift.config import MAX_LOOKBACK


class WindowMeans(Struct, frozen=True):
    """A window of a column: its start (ms), its rows, and the means of the column's statistics."""

    start: int
    rows: int
    means: tuple[float, ...]


class ColumnState(Struct, frozen=True):
    """The latest windows of a column, the oldest first, and its open alarm.

    Attributes:
        started_at: Start (ms) of the first window of the drift; None while no alarm is open.
        forgotten_before: Start (ms) of the first window after the last drift. Earlier ones do not
            come back when they are compared again.
    """

    windows: tuple[WindowMeans, ...] = ()
    started_at: int | None = None
    forgotten_before: int = 0

    def with_window(self, window: WindowMeans) -> "ColumnState":
        """Adds the window, in place of an earlier one with the same start."""
        if window.start < self.forgotten_before:
            return self
        others = [each for each in self.windows if each.start != window.start]
        windows = sorted([*others, window], key=lambda each: each.start)
        return msgspec.structs.replace(self, windows=tuple(windows[-MAX_LOOKBACK:]))


class DriftState(Struct, frozen=True):
    """State of all columns, and the fingerprint of the reference they were compared with."""

    reference: str = ""
    columns: dict[str, ColumnState] = {}

    @property
    def newest_start(self) -> int:
        """Start (ms) of the newest window of any column; -1 without one."""
        newest = (column.windows[-1].start for column in self.columns.values() if column.windows)
        return max(newest, default=-1)

    def newest_window(self, column: str) -> int | None:
        """Start (ms) of the newest window of a column, which its latest result describes."""
        state = self.columns.get(column)
        return state.windows[-1].start if state and state.windows else None

    def for_reference(self, reference: str) -> "DriftState":
        """Forgets the windows if the reference changed. Alarms stay open until it is clean."""
        if reference == self.reference:
            return self
        columns = {
            name: ColumnState(started_at=column.started_at) for name, column in self.columns.items()
        }
        return DriftState(reference, columns)
