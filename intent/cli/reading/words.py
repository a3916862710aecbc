"""A message as a line for people, or as JSON for scripts. Pure."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec
from confluent_kafka import Message


def in_words(message: Message) -> str:
    """When, where, and the value; what could move a terminal's cursor is escaped."""
    at = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
    place = f"{message.partition()}:{message.offset()}"
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}  {place:<12}  {_text(message)}"


def as_json(message: Message) -> str:
    """One line. A value that is no JSON is told in base64, and so is a key that is no text."""
    told: dict[str, Any] = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": message.timestamp()[1],
        **_told("key", message.key(), lambda raw: raw.decode()),
        **_told("value", message.value(), msgspec.json.decode),
    }
    return msgspec.json.encode(told).decode()


def _told(name: str, raw: bytes | None, read: Any) -> dict[str, Any]:
    try:
        return {name: None if raw is None else read(raw)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {f"{name}_base64": b64encode(raw or b"").decode()}


def _text(message: Message) -> str:
    value = message.value()
    if value is None:
        return "null"
    text = value.decode(errors="backslashreplace")
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
