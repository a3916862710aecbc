"""A message of the topic `model-lifecycle` -> a step of a model's life. Pure."""

from contract import codec
from contract.errors import InvalidRecord
from contract.events import LifecycleEvent


def step(value: bytes | None) -> LifecycleEvent | None:
    """What the message says; None if it is no step."""
    try:
        return codec.decode_lifecycle_event(value)
    except InvalidRecord:  # somebody else's
        return None
