"""The page of the loop's timeline, as Markdown."""

from itertools import groupby

from tools.scenarios.timeline import Moment, Told


def text(told: Told) -> str:
    """One table a scene."""
    parts = [HEAD]
    for name, moments in groupby(told.moments, lambda each: each.scene):
        parts += [f"## {name[0].upper()}{name[1:]}\n", *_table(list(moments)), ""]
    return "\n".join(parts)


def _table(moments: list[Moment]) -> list[str]:
    began = moments[0].at
    rows = [
        f"| {(each.at - began) / 1000:.1f} | {each.name} | {each.words.replace('|', '/')} |"
        for each in moments
    ]
    return ["| seconds | what happened | in its own words |", "| ---: | --- | --- |", *rows]


HEAD = """# The loop, played

`make loop` plays three scenes on a real Kafka, MLflow and Prefect, in seconds where a production
would have minutes, and writes this page and its chart. Times are those at which things happened:
of the alert and of the steps of a model's life as their topics have them, of a swap the first
prediction of the version, of accuracy the end of the window.

![Accuracy over time, with what happened](accuracy.svg)
"""
