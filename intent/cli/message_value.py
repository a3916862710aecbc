"""The value of a message as JSON, for topics in another encoding."""

from collections.abc import Callable

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
