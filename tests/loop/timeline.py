"""When what happened, from the topics alone: alerts, steps of models' lives, the scorer's swaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from contract import codec
from contract.reading import messages
from contract.settings import Settings
from contract.topics import topics


@dataclass(frozen=True, order=True)
class Moment:
    """At (ms) something happened; `name` is for programs, `words` for people."""

    at: int
    name: str
    words: str


def timeline(settings: Settings) -> list[Moment]:
    """All moments, the first one first."""
    return sorted([*_alerts(settings), *_steps(settings), *_swaps(settings)])


def told(moments: list[Moment]) -> str:
    """A line each, with the seconds since the first."""
    if not moments:
        return "nothing happened"
    first = moments[0].at
    began = datetime.fromtimestamp(first / 1000, UTC).strftime("%H:%M:%S")
    lines = [f"{(each.at - first) / 1000:7.1f} s  {each.name:<24} {each.words}" for each in moments]
    return "\n".join([f"from {began} UTC", *lines])


def _alerts(settings: Settings) -> Iterator[Moment]:
    for message in messages(settings, settings.topic_alerts):
        alert = codec.decode_alert(message.value())
        name = f"alert {alert.status}"
        yield Moment(message.timestamp()[1], name, f"{alert.kind}: {alert.words}")


def _steps(settings: Settings) -> Iterator[Moment]:
    for message in messages(settings, settings.topic_lifecycle):
        step = codec.decode_lifecycle(message.value())
        version = f"version {step.model_version}: " if step.model_version else ""
        yield Moment(step.at, step.kind.replace("_", " "), f"{version}{step.words}")


def _swaps(settings: Settings) -> Iterator[Moment]:
    first: dict[str, int] = {}
    spans: list[tuple[int, str]] = []
    for message in messages(settings, topics(settings).predictions.name):
        made = codec.decode_prediction(message.value())
        spans.append((made.scored_at, made.model_version))
    before = None
    for at, version in sorted(spans):
        if version != before:
            first.setdefault(f"{version}/{before}", at)
            yield Moment(at, "scores", f"version {version} makes its first prediction")
        before = version
