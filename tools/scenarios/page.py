"""The timeline as a page of the docs, and its chart."""

from itertools import groupby
from pathlib import Path
from typing import Final

from tools.scenarios.timeline import Moment, Timeline

HEAD: Final = """# The retraining scenarios

`make loop` runs three scenarios on a real Kafka, MLflow and Prefect, with seconds instead of
minutes, and writes this page and its chart. Times are those of the events: of alerts and lifecycle
events as in their topics, of a model reload the first prediction of the version, of accuracy the
end of the window.

![Accuracy over time, with the moments](accuracy.svg)
"""


def write_page(timeline: Timeline, folder: Path) -> None:
    """Writes README.md and the chart to the folder."""
    from tools.scenarios import chart  # noqa: PLC0415  Matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(_render(timeline), encoding="utf-8")
    chart.draw(timeline, folder / "accuracy.svg")


def _render(timeline: Timeline) -> str:
    """One table for each scenario."""
    parts = [HEAD]
    for name, moments in groupby(timeline.moments, lambda moment: moment.scenario):
        parts += [f"## {name[0].upper()}{name[1:]}\n", *_table(list(moments)), ""]
    return "\n".join(parts)


def _table(moments: list[Moment]) -> list[str]:
    start = moments[0].time
    rows = [
        f"| {(moment.time - start) / 1000:.1f} | {moment.name} | "
        f"{moment.message.replace('|', '/')} |"
        for moment in moments
    ]
    return ["| seconds | what happened | message of the event |", "| ---: | --- | --- |", *rows]
