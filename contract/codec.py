"""Bytes on a topic <-> events. What does not fit is an `InvalidRecord`, never another exception."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import msgspec

from contract.errors import InvalidRecord, Reason
from contract.events import (
    Alert,
    CustomerRecord,
    DeadLetter,
    LifecycleEvent,
    Outcome,
    Prediction,
    Redrive,
    RetrainingRequest,
    ShadowComparison,
)
from contract.lenient import lenient

E = TypeVar("E")

Event = (
    CustomerRecord
    | Prediction
    | Outcome
    | DeadLetter
    | Redrive
    | Alert
    | RetrainingRequest
    | ShadowComparison
    | LifecycleEvent
)

encode: Final[Callable[[Event], bytes]] = msgspec.json.Encoder().encode

_customer: Final = msgspec.json.Decoder(CustomerRecord).decode
_outcome: Final = msgspec.json.Decoder(Outcome).decode
_LENIENT: Final[dict[Any, Callable[[bytes], Any]]] = {
    _customer: lenient(CustomerRecord),
    _outcome: lenient(Outcome),
}
"""What others write, by the strict decoder."""
_prediction: Final = msgspec.json.Decoder(Prediction).decode
_dead_letter: Final = msgspec.json.Decoder(DeadLetter).decode
_alert: Final = msgspec.json.Decoder(Alert).decode
_replay: Final = msgspec.json.Decoder(Redrive).decode
_retraining_request: Final = msgspec.json.Decoder(RetrainingRequest).decode
_comparison: Final = msgspec.json.Decoder(ShadowComparison).decode
_lifecycle: Final = msgspec.json.Decoder(LifecycleEvent).decode

_MAGIC: Final = b"\x00"
_HEADER_SIZE: Final = 5
"""A Schema Registry's serializers put this byte and the schema's id (four bytes) before a value:
https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

_FAULTS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises for bytes that it cannot make an event of."""


@dataclass(frozen=True)
class Decoded(Generic[E]):
    """A decoded batch.

    Attributes:
        events: those that fit the contract, in the order of the batch.
        invalid: the others, by their index in the batch.
    """

    events: list[E]
    invalid: dict[int, InvalidRecord] = field(default_factory=dict)


Values = Sequence[bytes | None]


def decode_customers(values: Values) -> Decoded[CustomerRecord]:
    """Decodes the values of a batch of `customers`. Raises nothing."""
    return _decode_batch(_customer, values)


def decode_predictions(values: Values) -> Decoded[Prediction]:
    """Decodes the values of a batch of `predictions`. Raises nothing."""
    return _decode_batch(_prediction, values)


def decode_outcomes(values: Values) -> Decoded[Outcome]:
    """Decodes the values of a batch of `outcomes`. Raises nothing."""
    return _decode_batch(_outcome, values)


def _decode_batch(decoder: Callable[[bytes], E], values: Values) -> Decoded[E]:
    try:
        return Decoded([decoder(value) for value in values])  # type: ignore[arg-type]
    except (TypeError, *_FAULTS):  # TypeError: a null value
        return _decode_one_by_one(decoder, values)


def _decode_one_by_one(decoder: Callable[[bytes], E], values: Values) -> Decoded[E]:
    decoded: Decoded[E] = Decoded([])
    for index, value in enumerate(values):
        try:
            decoded.events.append(_decode(decoder, value))
        except InvalidRecord as invalid:
            decoded.invalid[index] = invalid
    return decoded


def decode_customer(value: bytes | None) -> CustomerRecord:
    """Raises `InvalidRecord` for bytes that are no customer record."""
    return _decode(_customer, value)


def decode_outcome(value: bytes | None) -> Outcome:
    """Raises `InvalidRecord` for bytes that are no outcome."""
    return _decode(_outcome, value)


def decode_prediction(value: bytes | None) -> Prediction:
    """Raises `InvalidRecord` for bytes that are no prediction."""
    return _decode(_prediction, value)


def decode_dead_letter(value: bytes | None) -> DeadLetter:
    """Raises `InvalidRecord` for bytes that are no dead letter."""
    return _decode(_dead_letter, value)


def decode_alert(value: bytes | None) -> Alert:
    """Raises `InvalidRecord` for bytes that are no alert."""
    return _decode(_alert, value)


def decode_redrive(value: bytes | None) -> Redrive:
    """Raises `InvalidRecord` for bytes that do not tell of a replay."""
    return _decode(_replay, value)


def decode_retraining_request(value: bytes | None) -> RetrainingRequest:
    """Raises `InvalidRecord` for bytes that do not ask for a training."""
    return _decode(_retraining_request, value)


def decode_shadow_comparison(value: bytes | None) -> ShadowComparison:
    """Raises `InvalidRecord` for bytes that compare no two models."""
    return _decode(_comparison, value)


def decode_lifecycle_event(value: bytes | None) -> LifecycleEvent:
    """Raises `InvalidRecord` for bytes that are no step of a model's life."""
    return _decode(_lifecycle, value)


def _decode(decoder: Callable[[bytes], E], value: bytes | None) -> E:
    if value is None:
        raise InvalidRecord(Reason.NULL_VALUE, "the message has no value")
    try:
        return decoder(value)
    except _FAULTS as fault:
        if value[:1] == _MAGIC and len(value) > _HEADER_SIZE:
            raise InvalidRecord(Reason.SCHEMA_REGISTRY_HEADER, _schema_header(value)) from None
        if isinstance(fault, msgspec.ValidationError) and decoder in _LENIENT:
            found = _LENIENT[decoder](value)
            if found is not None:
                return found  # type: ignore[no-any-return]
        raise InvalidRecord(_reason(fault), str(fault)) from None


def _schema_header(value: bytes) -> str:
    """What a value is that a Schema Registry's serializer has written, and what to do."""
    schema = int.from_bytes(value[1:_HEADER_SIZE], "big")
    rest = "JSON" if value[_HEADER_SIZE:].lstrip()[:1] == b"{" else "probably Avro or Protobuf"
    return (
        f"the value has a Schema Registry header (schema id {schema}) before its data ({rest}): "
        "produce plain JSON, with a plain string or bytes serializer"
    )


_REASON_BY_TEXT: Final = {
    "missing required field": Reason.MISSING_FIELD,
    "Invalid enum value": Reason.UNKNOWN_CATEGORY,
    "got `": Reason.WRONG_TYPE,
}
"""msgspec tells its validation faults apart only by their text; what is left is a range."""


def _reason(fault: Exception) -> Reason:
    if isinstance(fault, UnicodeDecodeError):
        return Reason.INVALID_UTF8
    if isinstance(fault, RecursionError):
        return Reason.TOO_DEEP
    if not isinstance(fault, msgspec.ValidationError):
        return Reason.MALFORMED_JSON
    text = str(fault)
    found = (reason for part, reason in _REASON_BY_TEXT.items() if part in text)
    return next(found, Reason.OUT_OF_RANGE)
