"""Formats a Kafka message as text for people or as JSON for scripts. Pure.

The value is given beside the message, because that of an Avro message is shown as JSON.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec
from confluent_kafka import Message


def format_text(message: Message, value: bytes | None) -> str:
    """Timestamp, partition:offset and value; unprintable characters are escaped."""
    timestamp = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
    milliseconds = timestamp.microsecond // 1000
    position = f"{message.partition()}:{message.offset()}"
    return f"{timestamp:%Y-%m-%d %H:%M:%S}.{milliseconds:03}  {position:<12}  {_text(value)}"


def format_json(message: Message, value: bytes | None) -> str:
    """One line. A value that is not JSON, or a key that is not UTF-8, is in base64."""
    fields: dict[str, Any] = {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "timestamp": message.timestamp()[1],
        **_field("key", message.key(), lambda raw: raw.decode()),
        **_field("value", value, msgspec.json.decode),
    }
    return msgspec.json.encode(fields).decode()


def _field(name: str, raw: bytes | None, decode: Any) -> dict[str, Any]:
    try:
        return {name: None if raw is None else decode(raw)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {f"{name}_base64": b64encode(raw or b"").decode()}


def _text(value: bytes | None) -> str:
    if value is None:
        return "null"
    text = value.decode(errors="backslashreplace")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
