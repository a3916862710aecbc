"""Messages in and out of the scorer, as the pure modules of this package see them."""

from dataclasses import dataclass
from typing import NotRequired, Protocol, TypedDict

from contract.message_headers import Headers


class Message(Protocol):
    """The methods of a consumed Kafka message that the scorer uses."""

    # ruff: noqa: D102  names and meaning are those of confluent_kafka.Message
    def key(self) -> bytes | None: ...
    def value(self) -> bytes | None: ...
    def headers(self) -> Headers: ...
    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...
    def timestamp(self) -> tuple[int, int]: ...


class OutgoingMessage(TypedDict):
    """A message to produce, in the form that `Producer.produce_batch` takes."""

    key: bytes | None
    value: bytes
    headers: NotRequired[list[tuple[str, bytes | None]]]


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """Maximum size of a message (key, headers and value, in bytes), by topic."""

    predictions: int
    dead_letters: int


def message_size(message: OutgoingMessage) -> int:
    """Size of key, headers and value in bytes."""
    headers = sum(
        len(name.encode()) + len(value or b"") for name, value in message.get("headers", ())
    )
    return len(message["key"] or b"") + headers + len(message["value"])
