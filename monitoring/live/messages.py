"""Messages of `customers.dead-letters` and `model-lifecycle` -> what the live page shows. Pure."""

from typing import Final

from msgspec import Struct

from contract import codec
from contract.errors import InvalidRecord
from contract.events import LifecycleEvent

MAX_CHARACTERS: Final = 300
"""Longer texts of a dead letter are truncated."""

MAX_HEADERS: Final = 20


class DeadLetterText(Struct, frozen=True):
    """A dead letter as short text. Bytes that are not UTF-8 become U+FFFD.

    The fields are those of `contract.events.DeadLetter`.
    """

    reason: str
    detail: str
    timestamp: int
    topic: str
    partition: int
    offset: int
    key: str | None
    value: str | None
    headers: list[tuple[str, str | None]]


def decode_dead_letter_text(value: bytes | None) -> DeadLetterText | None:
    """Decodes a message's value; returns None if it is not a dead letter."""
    try:
        dead_letter = codec.decode_dead_letter(value)
    except InvalidRecord:  # another program may write to the topic
        return None
    return DeadLetterText(
        reason=_truncate(dead_letter.reason),
        detail=_truncate(dead_letter.detail),
        timestamp=dead_letter.timestamp,
        topic=_truncate(dead_letter.topic),
        partition=dead_letter.partition,
        offset=dead_letter.offset,
        key=_to_text(dead_letter.key),
        value=_to_text(dead_letter.value),
        headers=[
            (_truncate(name), _to_text(header))
            for name, header in dead_letter.headers[:MAX_HEADERS]
        ],
    )


def decode_lifecycle_event(value: bytes | None) -> LifecycleEvent | None:
    """Decodes a message's value; returns None if it is not a lifecycle event."""
    try:
        return codec.decode_lifecycle_event(value)
    except InvalidRecord:  # another program may write to the topic
        return None


def _to_text(value: bytes | None) -> str | None:
    return (
        None if value is None else _truncate(value[: 4 * MAX_CHARACTERS].decode("utf-8", "replace"))
    )


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
