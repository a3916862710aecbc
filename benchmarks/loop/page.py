"""The page of the scenarios' timeline, as Markdown."""

from itertools import groupby
from typing import Final

from tools.scenarios.timeline import Moment, Timeline

HEAD: Final = """# The retraining loop, run

`make loop` runs three scenarios on a real Kafka, MLflow and Prefect, with seconds instead of
minutes, and writes this page and its chart. Times are those of the events: of alerts and lifecycle
events as in their topics, of a model reload the first prediction of the version, of accuracy the
end of the window.

![Accuracy over time, with the moments](accuracy.svg)
"""


def render(timeline: Timeline) -> str:
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
