"""The headers of a message, those too that the Kafka client cannot give. Pure.

A header's name may be any bytes. Of one that is no UTF-8 the client's first answer is one of
`UNREADABLE_HEADER`, its later ones a tuple with a null pointer for the name, which must not be
touched.
"""

import gc
from collections.abc import Sequence
from typing import Final

from contract.errors import DeadLetterReason, InvalidRecord
from stream_app.scoring.message import Headers, Message

UNREADABLE: Final = "\ufffd"

UNREADABLE_HEADER: Final = (SystemError, UnicodeDecodeError)
"""The client returns a result with an exception set: Python makes the first of it where it looks,
and where it has specialised the call, which it does in a loop, it meets the second."""


def readable(message: Message) -> Headers:
    """The headers; `UNREADABLE` stands for a name that cannot be read."""
    headers = _raw(message)
    if headers is None:
        return None
    return [header if _is_whole(header) else (UNREADABLE, _value(header)) for header in headers]


def unreadable(messages: Sequence[Message]) -> dict[int, InvalidRecord]:
    """Why a message cannot be passed on with its headers, by its index among the messages."""
    return {
        index: InvalidRecord(DeadLetterReason.INVALID_UTF8, "the name of a header is not UTF-8")
        for index, message in enumerate(messages)
        if not all(map(_is_whole, _raw(message) or ()))
    }


def _raw(message: Message) -> Headers:
    try:
        return message.headers()
    except UNREADABLE_HEADER:
        return message.headers()


def _is_whole(header: tuple[str, bytes | None]) -> bool:
    return len(gc.get_referents(header)) == 2  # a null pointer is not among them


def _value(header: tuple[str, bytes | None]) -> bytes | None:
    (value,) = gc.get_referents(header)
    return value if isinstance(value, bytes) else None
