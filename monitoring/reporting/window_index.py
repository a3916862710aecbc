"""Index of all windows on disk, with the state after each: where a restarted process continues."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from contract.errors import StorageFailed
from contract.events import Alert
from monitoring.alerts import OpenIncidents
from monitoring.drift.state import DriftState
from monitoring.windows.summary import WindowSummary

NAME: Final = "windows.jsonl"

MAX_LINES_PER_WINDOW: Final = 20
"""Lines for each window, most of them outdated, at which the file is rewritten."""


class Checkpoint(Struct, frozen=True):
    """State after a window.

    Attributes:
        drift: State of the drift rule.
        incidents: Open alert incidents.
        alerts: The latest alerts, sent or not, the oldest first.
    """

    drift: DriftState = DriftState()
    incidents: OpenIncidents = {}
    alerts: tuple[Alert, ...] = ()


class IndexEntry(Struct, frozen=True, omit_defaults=True):
    """A line of the index: a window's summary, and the checkpoint if it changed with it."""

    summary: WindowSummary
    checkpoint: Checkpoint | None = None


class WindowIndex:
    """Summaries of the latest windows, in a file of a line each. The last line of a window counts.

    A window is written after its report, so no line names a report that does not exist; and in one
    line with its checkpoint, so no window is compared twice.
    """

    def __init__(self, folder: Path, max_windows: int) -> None:
        """Reads the index in a folder that exists.

        Raises:
            StorageFailed: The file is of another version of this program.
        """
        self.folder = folder
        self.checkpoint = Checkpoint()
        self._path = folder / NAME
        self._max_windows = max_windows
        self._summaries: dict[int, WindowSummary] = {}
        self._lines = 0
        if self._path.exists():
            self._read()
            self._compact()

    def newest_first(self) -> list[WindowSummary]:
        """The summaries, newest window first."""
        return sorted(self._summaries.values(), key=lambda each: each.start, reverse=True)

    def get(self, start: int) -> WindowSummary | None:
        """The summary of the window with this start (ms)."""
        return self._summaries.get(start)

    def save(self, summary: WindowSummary, checkpoint: Checkpoint | None = None) -> None:
        """Writes a summary, in place of an earlier one of the same window."""
        entry = IndexEntry(summary, checkpoint)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
        self._lines += 1
        self._apply(entry)
        self._remove_oldest()
        if self._lines > MAX_LINES_PER_WINDOW * self._max_windows:
            self._compact()

    def _apply(self, entry: IndexEntry) -> None:
        self._summaries[entry.summary.start] = entry.summary
        if entry.checkpoint is not None:
            self.checkpoint = entry.checkpoint

    def _read(self) -> None:
        for line in self._path.read_bytes().split(b"\n")[:-1]:  # a truncated line has no line end
            try:
                self._apply(msgspec.json.decode(line, type=IndexEntry))
            except msgspec.MsgspecError as fault:
                raise StorageFailed(
                    f"cannot read {self._path}, it is not of this version ({fault}): remove it; "
                    "the windows in it are then forgotten"
                ) from None
        self._remove_oldest()

    def _compact(self) -> None:
        *older, newest = self._summaries.values()
        entries = [*map(IndexEntry, older), IndexEntry(newest, self.checkpoint)]
        part = self._path.with_suffix(".part")
        part.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in entries))
        part.replace(self._path)
        self._lines = len(entries)

    def _remove_oldest(self) -> None:
        while len(self._summaries) > self._max_windows:
            oldest = self._summaries.pop(min(self._summaries))
            for report in (oldest.report, oldest.outcome_report):
                if report:
                    (self.folder / report).unlink(missing_ok=True)
