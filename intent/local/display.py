"""Displays a running pipeline: live tables on a terminal, log lines elsewhere."""

import time
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from contract.schema.task import Task
from intent.local.format import format_metrics, format_metrics_line, format_window
from intent.local.status import PipelineMetrics, PipelineStatus, WindowStatus

LINE_INTERVAL: Final = 5.0
"""Seconds between two lines when the output is not a terminal."""

MAX_WINDOWS: Final = 8


class LiveTables:
    """Tables of metrics and windows, redrawn in place."""

    def __init__(self, console: Console, performance: str) -> None:
        self._live = Live(console=console, auto_refresh=False)
        self._performance = performance

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, status: PipelineStatus) -> None:
        """Redraws the tables."""
        windows = _windows_table(status.windows, self._performance)
        drawn = Group(_metrics_table(status.metrics), windows)
        self._live.update(drawn, refresh=True)


class LogLines:
    """A line of metrics every few seconds, and a line for each closed window."""

    def __init__(self, console: Console, performance: str) -> None:
        self._console = console
        self._performance = performance
        self._due = 0.0
        self._last_window = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, status: PipelineStatus) -> None:
        """Prints new windows, and the metrics if they are due."""
        for window in reversed(status.windows):
            if window.end > self._last_window:
                self._last_window = window.end
                self._console.print(_window_line(window, self._performance))
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + LINE_INTERVAL
            self._console.print(format_metrics_line(status.metrics))


def display(console: Console, task: Task) -> LiveTables | LogLines:
    """Live tables if the console is a terminal, else log lines. A context manager."""
    performance = "mean absolute error" if task.numeric else "accuracy"
    return (LiveTables if console.is_terminal else LogLines)(console, performance)


def _metrics_table(metrics: PipelineMetrics) -> Table:
    table = Table(show_header=False)
    for name, value in format_metrics(metrics).items():
        table.add_row(name, value)
    return table


def _windows_table(windows: list[WindowStatus], performance: str) -> Table:
    columns = _columns(windows)
    table = Table("window ended", "rows", *columns, performance, title="drift by window")
    for window in windows[:MAX_WINDOWS]:
        style = "red" if any(column.drifted for column in window.columns.values()) else ""
        table.add_row(*format_window(window, columns), style=style)
    return table


def _window_line(window: WindowStatus, performance: str) -> str:
    columns = _columns([window])
    names = ["window ended", "rows", *columns, performance]
    cells = format_window(window, columns)
    return "; ".join(f"{name} {cell}" for name, cell in zip(names, cells, strict=True))


def _columns(windows: list[WindowStatus]) -> list[str]:
    return sorted({name for window in windows for name in window.columns})
