"""What one line of a file is on a topic, and which files' lines are what. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from contract import codec
from contract.schema.default import SCHEMA


class Kind(StrEnum):
    """What the lines tell of; each has a topic of that name."""

    CUSTOMERS = "customers"
    OUTCOMES = "outcomes"

    @property
    def event(self) -> type[msgspec.Struct]:
        """What a line must be."""
        return _EVENTS[self]

    @property
    def decode(self) -> Callable[[bytes], Any]:
        """Bytes to the event. Raises `InvalidRecord`."""
        return _DECODERS[self]


_EVENTS: Final[dict[Kind, type[msgspec.Struct]]] = {
    Kind.CUSTOMERS: SCHEMA.events.record,
    Kind.OUTCOMES: SCHEMA.events.outcome,
}
_DECODERS: Final[dict[Kind, Callable[[bytes], Any]]] = {
    Kind.CUSTOMERS: codec.decode_customer,
    Kind.OUTCOMES: codec.decode_outcome,
}


@dataclass(frozen=True)
class Line:
    """One record, as it would be sent.

    Attributes:
        number: of the line on which it begins, from 1.
        value: JSON, or what stands there if that is none.
        key: the record's id, if it brings one.
        fault: why it does not fit the contract; None if it does.
    """

    number: int
    value: bytes
    key: bytes | None = None
    fault: str | None = None


def key_of(event: Any) -> bytes | None:
    """The message key: records of one id keep their order."""
    return event.id.encode() if event.id else None
