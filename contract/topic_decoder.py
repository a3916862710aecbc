"""Messages of a topic -> events, in the encoding that the settings say."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from contract.decoding import Decoded, EventDecoder, Values, fields_to_json
from contract.encodings.avro import Fields
from contract.encodings.json_schema import without_headers
from contract.errors import InvalidRecord
from contract.schema.mapping import RecordMapping

E = TypeVar("E")

UNDECODABLE: Final = b""
"""Stands for a value that its encoding cannot decode: no event either."""


class Encoding(Protocol):
    """Decodes values that are not plain JSON: see `contract.encodings.registered_values`."""

    # ruff: noqa: D102
    def has_unresolved(self, values: Values) -> bool: ...
    def resolve(self, values: Values) -> None: ...
    def decode(self, values: Values) -> list[Fields | InvalidRecord]: ...


class TopicDecoder(Generic[E]):
    """Decodes the messages of a topic.

    Args:
        events: Makes events of JSON, or of fields.
        mapping: Where messages have the fields; None if they are under their own names.
        encoding: That of the values; None for JSON.
        has_headers: Whether JSON may have a Schema Registry's header, which is not looked at.
    """

    def __init__(
        self,
        events: EventDecoder[E],
        mapping: RecordMapping | None = None,
        encoding: Encoding | None = None,
        has_headers: bool = False,
    ) -> None:
        self._events = events
        self._mapping = mapping
        self._encoding = encoding
        self._has_headers = has_headers

    @property
    def needs_schemas(self) -> bool:
        """Whether `resolve` may have to ask a Schema Registry."""
        return self._encoding is not None

    @property
    def uses_headers(self) -> bool:
        """Whether fields come from headers."""
        return self._mapping is not None and self._mapping.uses_headers

    def has_unresolved(self, messages: Sequence[Any]) -> bool:
        """Whether `resolve` would ask a Schema Registry."""
        return self._encoding is not None and self._encoding.has_unresolved(self._values(messages))

    def resolve(self, messages: Sequence[Any]) -> None:
        """Finds the schemas of the messages, which the other methods need.

        Raises:
            SchemaRegistryUnavailable: The Schema Registry does not answer.
        """
        if self._encoding is not None:
            self._encoding.resolve(self._values(messages))

    def decode(self, messages: Sequence[Any], unreadable: Collection[int] = ()) -> Decoded[E]:
        """Decodes the messages. Raises nothing.

        Args:
            messages: Kafka messages whose schemas are resolved.
            unreadable: Indices of messages whose value is not to be read: they are invalid.
        """
        values = self._values(messages)
        for index in unreadable:
            values[index] = None
        if self._encoding is None:
            if self._mapping is not None:
                values = self._mapping.values(messages, values)
            return self._events.decode_batch(values)
        rows = self._encoding.decode(values)
        if self._mapping is None:
            return self._events.convert_batch(rows)
        decoded = self._events.decode_batch(self._mapping.values(messages, _to_json(rows)))
        faults = {place: row for place, row in enumerate(rows) if isinstance(row, InvalidRecord)}
        return Decoded(decoded.events, {**decoded.invalid, **faults})

    def json_values(self, messages: Sequence[Any]) -> list[bytes | None]:
        """The messages' values as the JSON of events. Raises nothing.

        A value that its encoding cannot decode becomes `UNDECODABLE`.
        """
        values = self._values(messages)
        if self._encoding is not None:
            rows = self._encoding.decode(values)
            values = [
                None if value is None else json
                for value, json in zip(values, _to_json(rows), strict=True)
            ]
        return values if self._mapping is None else self._mapping.values(messages, values)

    def _values(self, messages: Sequence[Any]) -> list[bytes | None]:
        values = [message.value() for message in messages]
        return without_headers(values) if self._has_headers else values


def _to_json(rows: Sequence[Fields | InvalidRecord]) -> list[bytes | None]:
    return [UNDECODABLE if isinstance(row, InvalidRecord) else fields_to_json(row) for row in rows]
