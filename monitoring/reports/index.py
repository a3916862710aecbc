"""The index of all windows on disk: what a restarted process goes on from."""

from pathlib import Path
from typing import Final

import msgspec

from monitoring.reports.summary import Summary

NAME: Final = "windows.jsonl"

LINES_PER_WINDOW: Final = 20
"""So many lines there may be for each window, most of them out of date, before they are removed."""


class Index:
    """The summaries of the latest windows, in a file of a line each; the last line of one counts.

    A window is written only after its report, so a line never names a report that is not there.
    """

    def __init__(self, folder: Path, kept: int) -> None:
        """Reads what is there; the folder is there."""
        self.folder = folder
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

    def add(self, summary: Summary) -> None:
        """Writes a summary, in place of an earlier one of the same window."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(summary) + b"\n")
        self._lines += 1
        self._summaries[summary.start] = summary
        self._forget()
        if self._lines > LINES_PER_WINDOW * self._kept:
            self._compact()

    def _read(self) -> None:
        for line in self._path.read_bytes().split(b"\n")[:-1]:  # one cut short has no line end
            summary = msgspec.json.decode(line, type=Summary)
            self._summaries[summary.start] = summary
        self._forget()

    def _compact(self) -> None:
        part = self._path.with_suffix(".part")
        lines = (msgspec.json.encode(each) + b"\n" for each in self._summaries.values())
        part.write_bytes(b"".join(lines))
        part.replace(self._path)
        self._lines = len(self._summaries)

    def _forget(self) -> None:
        while len(self._summaries) > self._kept:
            oldest = self._summaries.pop(min(self._summaries))
            for report in (oldest.report, oldest.target_report):
                if report:
                    (self.folder / report).unlink(missing_ok=True)
