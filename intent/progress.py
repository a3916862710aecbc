"""Displays progress: bars on a terminal; elsewhere a line every few seconds, or nothing."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

LINE_INTERVAL: Final = 5.0
"""Seconds between two lines when the output is not a terminal."""

MEGABYTE: Final = 1_000_000

Advance = Callable[[int], None]


@contextmanager
def spinner(description: str, out: TextIO | None = None) -> Iterator[None]:
    """A spinner with the elapsed seconds; nothing when the output is not a terminal."""
    out = out or sys.stderr
    if not out.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  a quarter of a second, only for a terminal
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=out), transient=True) as progress:
        progress.add_task(description, total=None)
        yield


@contextmanager
def progress_bar(
    description: str, total: int | None, out: TextIO | None = None, *, in_bytes: bool = False
) -> Iterator[Advance]:
    """A progress bar on a terminal, lines elsewhere.

    Args:
        description: What is counted.
        total: Number of items; None if unknown.
        out: Output; standard error by default.
        in_bytes: Whether bytes are counted, which are shown in megabytes.

    Yields:
        A function to call with the number of further items, from any thread.
    """
    out = out or sys.stderr
    if not out.isatty():
        yield _ProgressLines(description, total, out, in_bytes).advance
        return
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    units = (
        (bars.DownloadColumn(), bars.TransferSpeedColumn())
        if in_bytes
        else (bars.MofNCompleteColumn(), bars.TimeRemainingColumn())
    )
    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), *units)
    with bars.Progress(*columns, console=Console(file=out), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda count: progress.advance(task, count)


class _ProgressLines:
    """A line every few seconds. Of a download, which is slow, also one at its start."""

    def __init__(self, description: str, total: int | None, out: TextIO, in_bytes: bool) -> None:
        self._description, self._total, self._out = description, total, out
        self._in_bytes = in_bytes
        self._count = 0
        self._next_line = 0.0 if in_bytes else time.monotonic() + LINE_INTERVAL
        self._lock = threading.Lock()

    def advance(self, count: int) -> None:
        with self._lock:
            self._count += count
            if time.monotonic() >= self._next_line:
                self._next_line = time.monotonic() + LINE_INTERVAL
                total = "" if self._total is None else f" of {self._format(self._total)}"
                text = f"{self._description}: {self._format(self._count)}{total}"
                print(text, file=self._out, flush=True)

    def _format(self, count: int) -> str:
        return f"{count / MEGABYTE:.0f} MB" if self._in_bytes else f"{count:,}"
