"""Renders an explanation as text or JSON. Pure."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from contract.events import Prediction
from contract.schema import Schema
from training.explanation.explain import Explanation


def render_json(prediction: Prediction, explanation: Explanation, schema: Schema) -> str:
    """One object: `prediction`, `target`, and the fields of the explanation with its `score`."""
    document = {
        "prediction": prediction,
        "target": schema.target.name,
        "class": explanation.label,
        "scale": explanation.scale,
        "score": explanation.score,
        "base": explanation.base,
        "contributions": explanation.contributions,
        "values": explanation.values,
        "method": explanation.method,
        "output": explanation.output,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def render_text(prediction: Prediction, explanation: Explanation, schema: Schema) -> str:
    """The prediction, its score, and a line for each feature, the largest contribution first."""
    return "\n".join(_lines(prediction, explanation, schema))


def _lines(event: Prediction, explanation: Explanation, schema: Schema) -> Iterator[str]:
    output = getattr(event, "probability", event.prediction)  # of a number itself
    probability = f" with probability {output:.4f}" if explanation.label is not None else ""
    yield (
        f"prediction  {event.id}: {event.prediction}{probability}, by {event.model} version "
        f"{event.model_version}"
    )
    target = schema.target.name
    of = target if explanation.label is None else f"{target} {explanation.label}"
    yield f"score       {explanation.score:+.4f}, {explanation.scale} of {of}"
    yield f"method      {explanation.method}"
    if abs(explanation.output - output) > schema.task.tolerance(np.array([output])):
        yield (
            f"differs     scored again, it is {explanation.output:.4f}: the version or the "
            "libraries have changed since"
        )
    width = max(len(name) for name in (*explanation.contributions, "on average"))
    yield f"{'on average':<{width}}  {explanation.base:+.4f}"
    ordered = sorted(explanation.contributions.items(), key=lambda item: -abs(item[1]))
    for name, contribution in ordered:
        yield f"{name:<{width}}  {contribution:+.4f}  {_value(explanation.values[name])}"


def _value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
