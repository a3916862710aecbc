"""Renders an explanation as text or JSON. Pure."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from contract.events import Prediction
from contract.schema import Schema
from training.explanation.explain import Explanation


def render_json(prediction: Prediction, found: Explanation, schema: Schema) -> str:
    """One object: `prediction`, `target`, and the fields of the explanation with its `score`."""
    document = {
        "prediction": prediction,
        "target": schema.target.name,
        "class": found.label,
        "scale": found.scale,
        "score": found.score,
        "base": found.base,
        "contributions": found.contributions,
        "values": found.values,
        "method": found.method,
        "output": found.output,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def render_text(prediction: Prediction, found: Explanation, schema: Schema) -> str:
    """The prediction, its score, and a line for each feature, the largest contribution first."""
    return "\n".join(_lines(prediction, found, schema))


def _lines(event: Prediction, found: Explanation, schema: Schema) -> Iterator[str]:
    given = getattr(event, "probability", event.prediction)  # of a number itself
    probability = f" with probability {given:.4f}" if found.label is not None else ""
    yield (
        f"prediction  {event.id}: {event.prediction}{probability}, by {event.model} version "
        f"{event.model_version}"
    )
    target = schema.target.name
    of = target if found.label is None else f"{target} {found.label}"
    yield f"score       {found.score:+.4f}, {found.scale} of {of}"
    yield f"method      {found.method}"
    if abs(found.output - given) > schema.task.tolerance(np.array([given])):
        yield (
            f"differs     scored again, it is {found.output:.4f}: the version or the libraries "
            "have changed since"
        )
    width = max(len(name) for name in (*found.contributions, "on average"))
    yield f"{'on average':<{width}}  {found.base:+.4f}"
    ordered = sorted(found.contributions.items(), key=lambda item: -abs(item[1]))
    for name, contribution in ordered:
        yield f"{name:<{width}}  {contribution:+.4f}  {_value(found.values[name])}"


def _value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
