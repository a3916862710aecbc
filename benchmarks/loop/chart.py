"""Accuracy window by window, with the moments of the scenes marked, as SVG."""

from itertools import groupby
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.scenarios.timeline import Moment, Told, judged

LINE, MARK = "#1f6f8b", "#b0b7bf"

LABEL_EVERY: Final = 0.045
"""Of the axes' height: marks of one scene stand under one another."""


def draw(told: Told, file: Path) -> None:
    """One panel a scene, one below the other."""
    scenes = [(name, list(moments)) for name, moments in groupby(told.moments, _scene)]
    figure = Figure(figsize=(9, 3.2 * len(scenes)), layout="constrained")
    panels = figure.subplots(len(scenes), squeeze=False)[:, 0]
    for panel, (name, moments) in zip(panels, scenes, strict=True):
        _panel(panel, told, name, moments)
    panels[-1].set_xlabel("seconds since the scene began")
    figure.savefig(file, metadata={"Date": None})


def _panel(axes: Axes, told: Told, name: str, moments: list[Moment]) -> None:
    start, end = moments[0].at - LEAD, max(each.at for each in moments) + LEAD
    windows = [each for each in judged(told.windows) if start <= each.end <= end]
    seconds = [(each.end - moments[0].at) / 1000 for each in windows]
    axes.plot(seconds, [each.accuracy or 0.0 for each in windows], marker=".", color=LINE)
    axes.set(title=name, ylabel="accuracy", ylim=(0, 1.02))
    axes.spines[["top", "right"]].set_visible(False)
    for number, moment in enumerate(sorted(moments, key=lambda each: each.at)):
        at = (moment.at - moments[0].at) / 1000
        axes.axvline(at, color=MARK, linewidth=0.8)
        height = 0.04 + LABEL_EVERY * 1.6 * number
        axes.text(at, height, f" {moment.name}", fontsize=7, transform=axes.get_xaxis_transform())


LEAD: Final = 20_000
"""Milliseconds shown before the first moment of a scene, and after the last."""


def _scene(moment: Moment) -> str:
    return moment.scene
