"""A dead letter -> what people are shown of it: text, and short. Pure."""

from typing import Final

from msgspec import Struct

from contract import codec
from contract.errors import InvalidRecord

MOST: Final = 300
"""Characters of a text that are shown."""

MOST_HEADERS: Final = 20


class Letter(Struct, frozen=True):
    """A dead letter as text; bytes that are no UTF-8 are U+FFFD. `at` in ms, of its record."""

    reason: str
    detail: str
    at: int
    topic: str
    partition: int
    offset: int
    key: str | None
    value: str | None
    headers: list[tuple[str, str | None]]


def letter(value: bytes | None) -> Letter | None:
    """What a message of the dead-letter topic says; None if it is no dead letter."""
    try:
        dead = codec.decode_dead_letter(value)
    except InvalidRecord:  # somebody else's
        return None
    return Letter(
        reason=_short(dead.reason),
        detail=_short(dead.detail),
        at=dead.timestamp,
        topic=_short(dead.topic),
        partition=dead.partition,
        offset=dead.offset,
        key=_text(dead.key),
        value=_text(dead.value),
        headers=[(_short(name), _text(each)) for name, each in dead.headers[:MOST_HEADERS]],
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else _short(value[: 4 * MOST].decode("utf-8", "replace"))


def _short(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"
