"""Formats a Kafka message as text for people or as JSON for scripts.

The value is passed beside the message, because that of an Avro message is shown as JSON.
"""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from confluent_kafka import Message

from contract.decoding import fields_to_json
from contract.encodings.json_schema import without_headers
from contract.errors import InvalidRecord
from contract.settings import Settings
from contract.topic_encodings import has_json_schema, topic_encoding


def readable_value(settings: Settings, topic: str) -> Callable[[Message], bytes | None]:
    """A function from a message of the topic to its value: as JSON, or as it is if it cannot be.

    The function raises `SchemaRegistryUnavailable`.

    Raises:
        NotInstalled: A library of the topic's encoding is not installed.
    """
    encoding = topic_encoding(settings, topic)
    if encoding is None:
        if has_json_schema(settings, topic):
            return lambda message: without_headers([message.value()])[0]
        return Message.value

    def value_of(message: Message) -> bytes | None:
        value = message.value()
        encoding.resolve([value])
        (row,) = encoding.decode([value])
        return value if isinstance(row, InvalidRecord) else fields_to_json(row)

    return value_of


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
