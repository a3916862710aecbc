"""The index of all windows on disk: what a restarted process goes on from."""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from contract.errors import StorageFailed
from contract.events import Alert
from monitoring.alerts import Episodes
from monitoring.drift.state import State
from monitoring.windows.summary import Summary

NAME: Final = "windows.jsonl"

LINES_PER_WINDOW: Final = 20
"""So many lines there may be for each window, most of them out of date, before they are removed."""


class Progress(Struct, frozen=True):
    """What is carried from window to window.

    Attributes:
        drift: the drift rule's state.
        episodes: those that are open.
        alerts: the latest alerts, sent or not, the oldest first.
    """

    drift: State = State()
    episodes: Episodes = {}
    alerts: tuple[Alert, ...] = ()


class Entry(Struct, frozen=True, omit_defaults=True):
    """A line: a window as it is known now, and the progress where that has changed with it."""

    summary: Summary
    progress: Progress | None = None


class Index:
    """The summaries of the latest windows, in a file of a line each; the last line of one counts.

    A window is written only after its report, so a line never names a report that is not there;
    and in one line with the progress that it made, so that no window is judged twice.
    """

    def __init__(self, folder: Path, kept: int) -> None:
        """Reads what is there; the folder is there. Raises `StorageFailed` if it is not ours."""
        self.folder = folder
        self.progress = Progress()
        self._path = folder / NAME
        self._kept = kept
        self._summaries: dict[int, Summary] = {}
        self._lines = 0
        if self._path.exists():
            self._read()
            self._compact()

    def newest_first(self) -> list[Summary]:
        """The summaries kept."""
        return sorted(self._summaries.values(), key=lambda each: each.start, reverse=True)

    def get(self, start: int) -> Summary | None:
        """The summary of the window that starts then (ms)."""
        return self._summaries.get(start)

    def add(self, summary: Summary, progress: Progress | None = None) -> None:
        """Writes a summary, in place of an earlier one of the same window."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(Entry(summary, progress)) + b"\n")
        self._lines += 1
        self._take(Entry(summary, progress))
        self._forget()
        if self._lines > LINES_PER_WINDOW * self._kept:
            self._compact()

    def _take(self, entry: Entry) -> None:
        self._summaries[entry.summary.start] = entry.summary
        if entry.progress is not None:
            self.progress = entry.progress

    def _read(self) -> None:
        for line in self._path.read_bytes().split(b"\n")[:-1]:  # one cut short has no line end
            try:
                self._take(msgspec.json.decode(line, type=Entry))
            except msgspec.MsgspecError as fault:
                raise StorageFailed(
                    f"{self._path} is not of this version ({fault}): remove it; the windows that "
                    "it names are then forgotten"
                ) from None
        self._forget()

    def _compact(self) -> None:
        *older, newest = self._summaries.values()
        entries = [*map(Entry, older), Entry(newest, self.progress)]
        part = self._path.with_suffix(".part")
        part.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in entries))
        part.replace(self._path)
        self._lines = len(entries)

    def _forget(self) -> None:
        while len(self._summaries) > self._kept:
            oldest = self._summaries.pop(min(self._summaries))
            for report in (oldest.report, oldest.target_report):
                if report:
                    (self.folder / report).unlink(missing_ok=True)
