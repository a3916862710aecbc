"""The reports on disk and the index of all windows: what a restarted process goes on from."""

from pathlib import Path
from typing import Final

import msgspec

from contract.process import writable_folder
from monitoring.summary import Summary

NAME: Final = "windows.jsonl"


class Index:
    """The summaries of the latest windows, in a file of a line each; the last line of one counts.

    A window is written only after its report, so a line never names a report that is not there.
    """

    def __init__(self, folder: Path, kept: int) -> None:
        """Reads what is there. Raises `StorageFailed` where the folder cannot be written."""
        self.folder = writable_folder(folder)
        self._kept = kept
        self._summaries: dict[int, Summary] = {}
        self._read()

    def __contains__(self, start: object) -> bool:
        return start in self._summaries

    def newest_first(self) -> list[Summary]:
        """The summaries kept."""
        return sorted(self._summaries.values(), key=lambda each: each.start, reverse=True)

    def get(self, start: int) -> Summary | None:
        """The summary of the window that starts then (ms)."""
        return self._summaries.get(start)

    def add(self, summary: Summary) -> None:
        """Writes a summary, in place of an earlier one of the same window."""
        with (self.folder / NAME).open("ab") as file:
            file.write(msgspec.json.encode(summary) + b"\n")
        self._summaries[summary.start] = summary
        while len(self._summaries) > self._kept:
            self._drop(self._summaries.pop(min(self._summaries)))

    def _read(self) -> None:
        path = self.folder / NAME
        if not path.exists():
            return
        for line in path.read_bytes().split(b"\n")[:-1]:  # what a crash cut short has no line end
            summary = msgspec.json.decode(line, type=Summary)
            self._summaries[summary.start] = summary
        while len(self._summaries) > self._kept:
            self._drop(self._summaries.pop(min(self._summaries)))
        compact = path.with_suffix(".part")
        compact.write_bytes(
            b"".join(msgspec.json.encode(each) + b"\n" for each in self._summaries.values())
        )
        compact.replace(path)

    def _drop(self, summary: Summary) -> None:
        for report in (summary.report, summary.target_report):
            if report:
                (self.folder / report).unlink(missing_ok=True)
