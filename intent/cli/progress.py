"""Shows that something goes on: drawn on a terminal; elsewhere a line now and then, or nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

LINE_EVERY: Final = 5.0
"""Seconds between two lines where there is no terminal."""

Advance = Callable[[int], None]


@contextmanager
def working(what: str, out: TextIO | None = None) -> Iterator[None]:
    """A moving mark and the seconds that passed, on a terminal alone."""
    out = out or sys.stderr
    if not out.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  a quarter of a second, for a terminal alone
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=out), transient=True) as shown:
        shown.add_task(what, total=None)
        yield


@contextmanager
def counting(what: str, total: int | None, out: TextIO | None = None) -> Iterator[Advance]:
    """Yields what is to be told of so many more; `total` is None where nobody knows it."""
    out = out or sys.stderr
    if not out.isatty():
        yield _Lines(what, total, out).advance
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
    with Progress(*columns, console=Console(file=out), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda count: shown.advance(task, count)


class _Lines:
    def __init__(self, what: str, total: int | None, out: TextIO) -> None:
        self._what, self._total, self._out = what, total, out
        self._came = 0
        self._due = time.monotonic() + LINE_EVERY

    def advance(self, count: int) -> None:
        self._came += count
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + LINE_EVERY
            of = "" if self._total is None else f" of {self._total:,}"
            print(f"{self._what}: {self._came:,}{of}", file=self._out, flush=True)
