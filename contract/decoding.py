"""Bytes -> events of one type, with the reason where the bytes are no such event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from contract.errors import DeadLetterReason, InvalidRecord

E = TypeVar("E")

Values = Sequence[bytes | None]

HEADER_SIZE: Final = 5
"""A Schema Registry's serializers put a zero and the schema's id (four bytes) before a value:
https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

_DECODE_ERRORS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises for bytes that are not the event."""


def has_header(value: bytes) -> bool:
    """Whether a value begins with a Schema Registry's header."""
    return len(value) >= HEADER_SIZE and value[0] == 0


def null_value() -> InvalidRecord:
    """The fault of a message without a value, in every encoding."""
    return InvalidRecord(DeadLetterReason.NULL_VALUE, "the message has no value")


fields_to_json: Final[Callable[[dict[str, Any]], bytes]] = msgspec.json.Encoder(
    decimal_format="number"
).encode
"""The JSON of the fields of a value in another encoding."""


@dataclass(frozen=True)
class Decoded(Generic[E]):
    """A decoded batch.

    Attributes:
        events: The valid ones, in the order of the batch.
        invalid: The others, by their index in the batch.
    """

    events: list[E]
    invalid: dict[int, InvalidRecord] = field(default_factory=dict)


class EventDecoder(Generic[E]):
    """Decodes events of one type."""

    def __init__(self, kind: Any, lenient: Callable[[bytes], E] | None = None) -> None:
        """Builds the decoder.

        Args:
            kind: The type of the events, a msgspec struct.
            lenient: Decodes a value that the strict decoder rejects, or raises as that does.
        """
        self._kind = kind
        self._decode: Final[Callable[[bytes], E]] = msgspec.json.Decoder(kind).decode
        self._lenient = lenient

    def decode_batch(self, values: Values) -> Decoded[E]:
        """Decodes the values of a batch. Raises nothing."""
        decode = self._decode
        try:
            return Decoded([decode(value) for value in values])  # type: ignore[arg-type]
        except (TypeError, *_DECODE_ERRORS):  # TypeError: a null value
            return self._decode_one_by_one(values)

    def _decode_one_by_one(self, values: Values) -> Decoded[E]:
        decoded: Decoded[E] = Decoded([])
        for index, value in enumerate(values):
            try:
                decoded.events.append(self.decode(value))
            except InvalidRecord as invalid:
                decoded.invalid[index] = invalid
        return decoded

    def convert_batch(self, rows: Sequence[dict[str, Any] | InvalidRecord]) -> Decoded[E]:
        """Makes events of the fields of values in another encoding. Raises nothing.

        What is no event by itself is decoded as the JSON of its fields would be, so that a record
        is valid in every encoding or in none.

        Args:
            rows: The fields of each value by their names on the wire, or why it has none.
        """
        try:
            return Decoded(msgspec.convert(rows, list[self._kind]))  # type: ignore[name-defined]
        except msgspec.ValidationError:
            return self._convert_one_by_one(rows)

    def _convert_one_by_one(self, rows: Sequence[dict[str, Any] | InvalidRecord]) -> Decoded[E]:
        decoded: Decoded[E] = Decoded([])
        for index, row in enumerate(rows):
            if isinstance(row, InvalidRecord):
                decoded.invalid[index] = row
                continue
            try:
                decoded.events.append(self._convert(row))
            except InvalidRecord as invalid:
                decoded.invalid[index] = invalid
        return decoded

    def _convert(self, row: dict[str, Any]) -> E:
        try:
            return cast(E, msgspec.convert(row, self._kind))
        except msgspec.ValidationError:
            return self.decode(fields_to_json(row))

    def decode(self, value: bytes | None) -> E:
        """Decodes one value. Raises `InvalidRecord`, and no other exception."""
        if value is None:
            raise null_value()
        try:
            return self._decode(value)
        except _DECODE_ERRORS as error:
            if has_header(value) and len(value) > HEADER_SIZE:
                raise InvalidRecord(
                    DeadLetterReason.SCHEMA_REGISTRY_HEADER, _schema_header(value)
                ) from None
            fault: Exception = error
        if isinstance(fault, msgspec.ValidationError) and self._lenient:
            try:
                return self._lenient(value)
            except _DECODE_ERRORS as error:
                fault = error
        raise InvalidRecord(_reason(fault), str(fault))


def _schema_header(value: bytes) -> str:
    """What a value is that a Schema Registry's serializer has written, and what to do."""
    schema = int.from_bytes(value[1:HEADER_SIZE], "big")
    is_json = value[HEADER_SIZE:].lstrip()[:1] == b"{"
    found, encoding = ("JSON", "json-schema") if is_json else ("Avro or Protobuf", "avro for Avro")
    return (
        f"the value has a Schema Registry header (schema id {schema}) before its data ({found}): "
        f"set INTENT_CUSTOMERS_ENCODING or INTENT_OUTCOMES_ENCODING to {encoding}"
    )


_REASON_BY_START: Final = {
    "Object missing required field": DeadLetterReason.MISSING_FIELD,
    "Invalid enum value": DeadLetterReason.UNKNOWN_CATEGORY,
    "Invalid RFC3339": DeadLetterReason.WRONG_TYPE,  # a text that is no date
}
"""msgspec tells its validation faults apart only by their text; what is left is a range."""


def _reason(fault: Exception) -> DeadLetterReason:
    if isinstance(fault, UnicodeDecodeError):
        return DeadLetterReason.INVALID_UTF8
    if isinstance(fault, RecursionError):
        return DeadLetterReason.TOO_DEEP
    if not isinstance(fault, msgspec.ValidationError):
        return DeadLetterReason.MALFORMED_JSON
    text = str(fault)
    for start, reason in _REASON_BY_START.items():
        if text.startswith(start):
            return reason
    expected, _, _ = text.partition(" - at ")
    return DeadLetterReason.WRONG_TYPE if "got `" in expected else DeadLetterReason.OUT_OF_RANGE
