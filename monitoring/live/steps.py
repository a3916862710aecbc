"""A message of the topic `lifecycle` -> a step of a model's life. Pure."""

from contract import codec
from contract.errors import InvalidRecord
from contract.events import Lifecycle


def step(value: bytes | None) -> Lifecycle | None:
    """What the message says; None if it is no step."""
    try:
        return codec.decode_lifecycle(value)
    except InvalidRecord:  # somebody else's
        return None
