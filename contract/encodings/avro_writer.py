"""Events -> Avro values with a Schema Registry's header."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import fields

from contract.encodings.avro import InvalidSchema
from contract.encodings.registry import SchemaRegistry
from contract.errors import InvalidRecord, SchemaRejected, first_line


class AvroWriter:
    """Encodes the events of a topic with the latest schema of its subject.

    Args:
        registry: Where the schema is. It is looked up once.
        topic: Name of the topic.
        decode: Makes an event of its JSON.

    Raises:
        SchemaRejected: There is no such schema, or it is not Avro.
        SchemaRegistryUnavailable: The registry does not answer.
        NotInstalled: fastavro is not installed.
    """

    def __init__(
        self, registry: SchemaRegistry, topic: str, decode: Callable[[bytes], Any]
    ) -> None:
        self._subject = f"{topic}-value"
        self._decode = decode
        with registry:
            latest = registry.find_latest(self._subject)
        if latest is None:
            raise SchemaRejected(
                f"the Schema Registry has no subject {self._subject}: register the Avro schema of "
                f"the topic {topic} first"
            )
        try:
            self._schema = latest.as_avro()
        except InvalidSchema as fault:
            raise SchemaRejected(
                f"the latest schema of {self._subject} is no Avro schema that can be written: "
                f"{fault}"
            ) from None
        self._header = latest.header

    def encode(self, value: bytes | None) -> bytes | None:
        """The Avro value of an event in JSON. What is no event stays as it is.

        Raises:
            SchemaRejected: The schema cannot hold the event.
        """
        if value is None:
            return None
        try:
            event = self._decode(value)
        except InvalidRecord:
            return value
        row = {
            field.encode_name: _plain(each)
            for field in fields(event)
            if (each := getattr(event, field.name)) is not None
        }
        for name in self._schema.times & row.keys():
            row[name] = datetime.fromtimestamp(row[name] / 1000, UTC)
        data = io.BytesIO()
        data.write(self._header)
        try:
            self._schema.write(data, row)
        except Exception as fault:  # noqa: BLE001  those of fastavro have no common base
            raise SchemaRejected(
                f"the latest schema of {self._subject} cannot hold a record of ours "
                f"({first_line(fault)}): write records with a program of yours"
            ) from None
        return data.getvalue()


def _plain(value: Any) -> Any:
    """A whole number as an integer, which every numerical type takes."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
