"""Accuracy by window, with the moments of the scenarios marked, as SVG."""

from itertools import groupby
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.scenarios.timeline import Moment, Timeline, labelled_windows

LINE, MARK = "#1f6f8b", "#b0b7bf"

LABEL_EVERY: Final = 0.045
"""Share of the axes' height between the labels of two moments."""

MARGIN_MS: Final = 20_000
"""Shown before the first moment of a scenario, and after the last."""


def draw(timeline: Timeline, file: Path) -> None:
    """Draws a panel for each scenario, one below the other."""
    scenarios = [
        (name, list(moments))
        for name, moments in groupby(timeline.moments, lambda moment: moment.scenario)
    ]
    figure = Figure(figsize=(9, 3.2 * len(scenarios)), layout="constrained")
    panels = figure.subplots(len(scenarios), squeeze=False)[:, 0]
    for panel, (name, moments) in zip(panels, scenarios, strict=True):
        _draw_panel(panel, timeline, name, moments)
    panels[-1].set_xlabel("seconds since the start of the scenario")
    figure.savefig(file, metadata={"Date": None})


def _draw_panel(axes: Axes, timeline: Timeline, name: str, moments: list[Moment]) -> None:
    first, last = moments[0].time, max(moment.time for moment in moments)
    start, end = first - MARGIN_MS, last + MARGIN_MS
    windows = [
        window for window in labelled_windows(timeline.windows) if start <= window.end <= end
    ]
    seconds = [(window.end - first) / 1000 for window in windows]
    axes.plot(seconds, [window.accuracy or 0.0 for window in windows], marker=".", color=LINE)
    axes.set(title=name, ylabel="accuracy", ylim=(0, 1.02))
    axes.spines[["top", "right"]].set_visible(False)
    for number, moment in enumerate(sorted(moments, key=lambda moment: moment.time)):
        at = (moment.time - first) / 1000
        axes.axvline(at, color=MARK, linewidth=0.8)
        height = 0.04 + LABEL_EVERY * 1.6 * number
        axes.text(at, height, f" {moment.name}", fontsize=7, transform=axes.get_xaxis_transform())
