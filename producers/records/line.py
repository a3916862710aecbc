"""What one line of a file is on a topic, and which files' lines are what. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from contract.schema import Schema


class Kind(StrEnum):
    """What the lines tell of; each has a topic of that name."""

    CUSTOMERS = "customers"
    OUTCOMES = "outcomes"

    def event(self, schema: Schema) -> type[msgspec.Struct]:
        """The type of the event on a line."""
        types: dict[Kind, type[msgspec.Struct]] = {
            Kind.CUSTOMERS: schema.events.record,
            Kind.OUTCOMES: schema.events.outcome,
        }
        return types[self]

    def decoder(self, schema: Schema) -> Callable[[bytes], Any]:
        """Decodes a line. What it returns raises `InvalidRecord`."""
        decoders: dict[Kind, Callable[[bytes], Any]] = {
            Kind.CUSTOMERS: schema.codec.decode_customer,
            Kind.OUTCOMES: schema.codec.decode_outcome,
        }
        return decoders[self]


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
