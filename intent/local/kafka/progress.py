"""Says how far a download is: a bar on a terminal, a line now and then elsewhere."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from intent.local.kafka.maven import Advance

MEGABYTE = 1_000_000


@contextmanager
def shown(what: str, size: int, out: TextIO = sys.stderr) -> Iterator[Advance]:
    """Yields what is to be told of every piece of `size` bytes, from any thread."""
    console = Console(file=out)
    if not console.is_terminal:
        yield _Lines(what, size, out).advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=size)
        yield lambda count: progress.advance(task, count)


class _Lines:
    """A line at the start, and one for each quarter of the way."""

    def __init__(self, what: str, size: int, out: TextIO) -> None:
        self._what, self._size, self._out = what, size, out
        self._came = 0
        self._quarter = 0
        self._lock = threading.Lock()
        self._say(f"{size / MEGABYTE:.0f} MB")

    def advance(self, count: int) -> None:
        with self._lock:
            self._came += count
            quarter = 4 * self._came // self._size if self._size else 4
            if quarter > self._quarter:
                self._quarter = quarter
                self._say(f"{self._came / MEGABYTE:.0f} of {self._size / MEGABYTE:.0f} MB")

    def _say(self, text: str) -> None:
        print(f"{self._what}: {text}", file=self._out, flush=True)
