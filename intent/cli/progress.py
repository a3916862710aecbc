"""Displays progress: bars on a terminal; elsewhere a line every few seconds, or nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

LINE_INTERVAL: Final = 5.0
"""Seconds between two lines when the output is not a terminal."""

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
    description: str, total: int | None, out: TextIO | None = None
) -> Iterator[Advance]:
    """A progress bar on a terminal, lines elsewhere.

    Args:
        description: What is counted.
        total: Number of items; None if unknown.
        out: Output; standard error by default.

    Yields:
        A function to call with the number of further items.
    """
    out = out or sys.stderr
    if not out.isatty():
        yield _ProgressLines(description, total, out).advance
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=out), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda count: progress.advance(task, count)


class _ProgressLines:
    def __init__(self, description: str, total: int | None, out: TextIO) -> None:
        self._description, self._total, self._out = description, total, out
        self._count = 0
        self._next_line = time.monotonic() + LINE_INTERVAL

    def advance(self, count: int) -> None:
        self._count += count
        if time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_INTERVAL
            total = "" if self._total is None else f" of {self._total:,}"
            print(f"{self._description}: {self._count:,}{total}", file=self._out, flush=True)
