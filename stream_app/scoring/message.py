"""The messages that pass through the scorer, as its pure files see them."""

from dataclasses import dataclass
from typing import NotRequired, Protocol, TypeAlias, TypedDict

Headers: TypeAlias = "list[tuple[str, bytes | None]] | None"


class Message(Protocol):
    """The part of a consumed Kafka message that the scorer reads."""

    # ruff: noqa: D102  the names, and their meaning, are those of Kafka's own message
    def key(self) -> bytes | None: ...
    def value(self) -> bytes | None: ...
    def headers(self) -> Headers: ...
    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...
    def timestamp(self) -> tuple[int, int]: ...


class Outgoing(TypedDict):
    """A message to produce, in the form in which the client takes a batch of them."""

    key: bytes | None
    value: bytes
    headers: NotRequired[list[tuple[str, bytes | None]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bytes of key, headers and value in one message of each topic."""

    predictions: int
    dead_letters: int


def size(message: Outgoing) -> int:
    """Bytes of key, headers and value."""
    headers = sum(
        len(name.encode()) + len(value or b"") for name, value in message.get("headers", ())
    )
    return len(message["key"] or b"") + headers + len(message["value"])
