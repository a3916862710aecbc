"""A chain -> what is printed of it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from training.trace.chain import Chain, Model

SECTIONS: Final = {
    "data": "data.",
    "code": "code.",
    "libraries": "version.",
    "cause": "cause.",
    "decision": "promotion.",
}
"""What a model's tags are of, and how their names begin."""


def as_json(chain: Chain) -> str:
    """One object: `prediction`, `model`, `steps`, `alert`, `missing`."""
    return msgspec.json.format(msgspec.json.encode(_plain(chain)), indent=2).decode()


def as_text(chain: Chain) -> str:
    """A line for each link, the prediction first and its cause last."""
    return "\n".join(_lines(chain))


def _plain(chain: Chain) -> dict[str, Any]:
    return {
        "prediction": chain.prediction,
        "model": asdict(chain.model) if chain.model else None,
        "steps": chain.steps,
        "alert": chain.alert,
        "missing": chain.missing,
    }


def _lines(chain: Chain) -> Iterator[str]:
    made = chain.prediction
    yield f"prediction  {made.id}: {made.prediction} with probability {made.probability:.4f}"
    place = f"partition {made.partition}, offset {made.offset}"
    yield f"            of {place}, scored {_at(made.scored_at)}"
    if chain.model:
        yield from _model(made.model, chain.model)
    for step in chain.steps:
        kind = step.kind.replace("_", " ")
        yield f"step        {_at(step.occurred_at)} {kind}: {step.message}"
    if chain.alert:
        alert = chain.alert
        yield f"alert       {alert.incident}: {alert.message}"
        window = _at(alert.window_start)
        yield f"            since {_at(alert.started_at)}, certain in the window of {window}"
        yield f"            against version {alert.model_version}"
        if alert.report_path:
            yield f"report      {alert.report_path} on the monitoring's pages"
    for words in chain.missing:
        yield f"missing     {words}"


def _model(name: str, model: Model) -> Iterator[str]:
    aliases = f" ({', '.join(model.aliases)})" if model.aliases else ""
    yield f"model       {name}, version {model.version}{aliases}, registered {_at(model.created)}"
    yield f"run         {model.run}: {_pairs(model.params)}"
    for title, prefix in SECTIONS.items():
        found = {
            key.removeprefix(prefix): value.replace("\n", ", ")
            for key, value in sorted(model.tags.items())
            if key.startswith(prefix) and value
        }
        if found:
            yield f"{title:<12}{_pairs(found)}"


def _pairs(found: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in found.items())


def _at(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
