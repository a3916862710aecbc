"""Renders a lineage as text or JSON. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from contract.registry import INTERVAL_TAG, THRESHOLD_TAG
from training.trace.lineage import Lineage, ModelInfo

SECTIONS: Final = {
    "data": "data.",
    "code": "code.",
    "libraries": "version.",
    "trigger": "trigger.",
    "decision": "promotion.",
}
"""Title of each section, and the prefix of its tags."""


def render_json(lineage: Lineage) -> str:
    """One object: `prediction`, `model`, `steps`, `alert`, `missing`."""
    document = {
        "prediction": lineage.prediction,
        "model": asdict(lineage.model) if lineage.model else None,
        "steps": lineage.steps,
        "alert": lineage.alert,
        "missing": lineage.missing,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def render_text(lineage: Lineage) -> str:
    """One or more lines for each link, from the prediction to its trigger."""
    return "\n".join(_lines(lineage))


def _lines(lineage: Lineage) -> Iterator[str]:
    event = lineage.prediction
    yield f"prediction  {event.id}: {_result(event)}"
    place = f"partition {event.partition}, offset {event.offset}"
    yield f"            of {place}, scored {_timestamp(event.scored_at)}"
    if lineage.model:
        yield from _model_lines(event.model, lineage.model)
    for step in lineage.steps:
        kind = step.kind.replace("_", " ")
        yield f"step        {_timestamp(step.occurred_at)} {kind}: {step.message}"
    if lineage.alert:
        alert = lineage.alert
        yield f"alert       {alert.incident}: {alert.message}"
        window = _timestamp(alert.window_start)
        yield f"            since {_timestamp(alert.started_at)}, fired in the window of {window}"
        yield f"            for version {alert.model_version}"
        if alert.report_path:
            yield f"report      {alert.report_path} on monitoring's pages"
    for message in lineage.missing:
        yield f"missing     {message}"


def _result(event: Any) -> str:
    """The prediction, and its probability or interval."""
    if hasattr(event, "probability"):
        return f"{event.prediction} with probability {event.probability:.4f}"
    interval = "without an interval"
    if event.interval is not None:
        interval = "in the interval {:.10g} to {:.10g}".format(*event.interval)
    return f"{event.prediction:.10g} {interval}"


def _model_lines(name: str, model: ModelInfo) -> Iterator[str]:
    aliases = f" ({', '.join(model.aliases)})" if model.aliases else ""
    registered = _timestamp(model.created)
    yield f"model       {name}, version {model.version}{aliases}, registered {registered}"
    if threshold := model.tags.get(THRESHOLD_TAG):
        yield f"            predicts the positive class above the probability {threshold}"
    if interval := model.tags.get(INTERVAL_TAG):
        yield f"            prediction interval {interval}"
    yield f"run         {model.run}: {_pairs(model.params)}"
    for title, prefix in SECTIONS.items():
        tags = {
            name.removeprefix(prefix): value.replace("\n", ", ")
            for name, value in sorted(model.tags.items())
            if name.startswith(prefix) and value
        }
        if tags:
            yield f"{title:<12}{_pairs(tags)}"


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _timestamp(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
