"""Shows a run: a live screen on a terminal, a line now and then elsewhere."""

import time
from typing import Final, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from intent.local.figures import Figures
from intent.local.view import View
from intent.local.windows import Window
from intent.local.words import figures_in_words, line, window_in_words

LINE_EVERY: Final = 5.0
"""Seconds between two lines where there is no terminal."""

WINDOWS_SHOWN: Final = 8


class Display(Protocol):
    """Shows one view after another. A context manager."""

    def __enter__(self) -> Self:
        """Begins."""

    def __exit__(self, *_: object) -> None:
        """Leaves the last view to be read."""

    def show(self, view: View) -> None:
        """Shows the newest view."""


def display(console: Console) -> Display:
    """What suits the console."""
    return Screen(console) if console.is_terminal else Lines(console)


class Screen:
    """Figures and windows, drawn over and over in the same place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, view: View) -> None:
        """Draws the view."""
        drawn = Group(_figures_table(view.figures), _windows_table(view.windows))
        self._live.update(drawn, refresh=True)


class Lines:
    """A line every few seconds, and one for each window that has closed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._due = 0.0
        self._last_window = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, view: View) -> None:
        """Prints what is due and what is new."""
        for window in reversed(view.windows):
            if window.end > self._last_window:
                self._last_window = window.end
                self._console.print(_window_line(window))
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + LINE_EVERY
            self._console.print(line(view.figures))


def _figures_table(figures: Figures) -> Table:
    table = Table(show_header=False)
    for name, value in figures_in_words(figures).items():
        table.add_row(name, value)
    return table


def _windows_table(windows: list[Window]) -> Table:
    columns = _columns(windows)
    table = Table("window ended", "rows", *columns, "accuracy", title="drift by window")
    for window in windows[:WINDOWS_SHOWN]:
        style = "red" if any(column.drifted for column in window.columns.values()) else ""
        table.add_row(*window_in_words(window, columns), style=style)
    return table


def _window_line(window: Window) -> str:
    columns = _columns([window])
    names = ["window ended", "rows", *columns, "accuracy"]
    cells = window_in_words(window, columns)
    return "; ".join(f"{name} {cell}" for name, cell in zip(names, cells, strict=True))


def _columns(windows: list[Window]) -> list[str]:
    return sorted({name for window in windows for name in window.columns})
