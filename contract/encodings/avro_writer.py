"""Events -> Avro values with a Schema Registry's header."""

import io
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from msgspec.structs import fields

from contract.encodings.avro import InvalidSchema
from contract.encodings.matching import TIMES, type_names
from contract.encodings.registry import SchemaRegistry, subject_of
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
        self._subject = subject_of(topic)
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
        self._types = {
            name: type_names(self._schema, kind) for name, kind in self._schema.fields.items()
        }
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
        data = io.BytesIO()
        data.write(self._header)
        try:
            self._schema.write(data, self._row(event))
        except Exception as fault:  # noqa: BLE001  those of fastavro have no common base
            raise SchemaRejected(
                f"the latest schema of {self._subject} cannot hold a record of ours "
                f"({first_line(fault)}): write records with a program of yours"
            ) from None
        return data.getvalue()

    def _row(self, event: Any) -> dict[str, Any]:
        row = {
            name: _fitting(value, self._types[name])
            for field in fields(event)
            if (name := field.encode_name) in self._types
            and (value := getattr(event, field.name)) is not None
        }
        for name in self._schema.times & row.keys():
            row[name] = datetime.fromtimestamp(row[name] / 1000, UTC)
        return row


def _fitting(value: Any, types: Collection[str]) -> Any:
    """A column's value for a field of these Avro types, where fastavro does not convert it.

    Raises:
        ValueError: The field cannot hold it. fastavro would cut its fraction off.
    """
    times = {"date", *TIMES}.intersection(types)
    match value:
        case bool():
            return value if "boolean" in types else int(value)
        case int() | float() if "decimal" in types:
            return Decimal(repr(value))
        case float() if value.is_integer():  # every numerical type takes an integer
            return int(value)
        case float() if not {"float", "double"}.intersection(types):
            raise ValueError(f"{value:g} in a field of {' or '.join(types)}")
        case datetime():
            return value if times else value.isoformat()
        case date() if "date" not in types:
            return datetime.combine(value, time(), UTC) if times else value.isoformat()
    return value
