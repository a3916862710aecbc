"""Steps of a model's life, from the topic `lifecycle` -> what the page's timeline shows. Pure."""

import msgspec
from msgspec import Struct

from contract.events import Milliseconds
from contract.settings import Settings


def topic(settings: Settings) -> str:
    """The topic that training tells of its models' lives on."""
    return str(getattr(settings, "topic_lifecycle", "lifecycle"))


class Step(Struct, frozen=True):
    """What is shown of a step: what happened, when (ms), to which version, and why."""

    id: str
    kind: str
    at: Milliseconds
    words: str
    model_version: str | None = None
    run: str | None = None


_decode = msgspec.json.Decoder(Step).decode


def step(value: bytes | None) -> Step | None:
    """What a message of the topic says; None if it is no step."""
    try:
        return None if value is None else _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # somebody else's
        return None
