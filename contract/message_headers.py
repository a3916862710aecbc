"""Headers of a message, including headers that the Kafka client cannot decode. Pure.

A header's name may be any bytes. For a name that is not UTF-8, the client's first call raises one
of `UNREADABLE_HEADER_ERRORS`. Its later calls return a tuple whose name is a null pointer, which
must not be accessed.
"""

import gc
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

from contract.errors import DeadLetterReason, InvalidRecord

Headers: TypeAlias = "list[tuple[str, bytes | None]] | None"


class HasHeaders(Protocol):
    """The method of a consumed Kafka message that is used here."""

    def headers(self) -> Headers:
        """Names and values, as confluent_kafka has them."""


UNREADABLE_NAME: Final = "\ufffd"
"""Stands for a header name that is not UTF-8."""

UNREADABLE_HEADER_ERRORS: Final = (SystemError, UnicodeDecodeError)
"""The client returns a result with an exception set. Python turns it into a `SystemError` where it
checks the result, and raises the `UnicodeDecodeError` itself where it has specialised the call."""


def readable_headers(message: HasHeaders) -> Headers:
    """The headers of a message. `UNREADABLE_NAME` replaces each name that is not UTF-8."""
    headers = _client_headers(message)
    if headers is None:
        return None
    return [
        header if _has_name(header) else (UNREADABLE_NAME, _value(header)) for header in headers
    ]


def find_unreadable_headers(messages: Sequence[HasHeaders]) -> dict[int, InvalidRecord]:
    """The messages whose headers cannot be copied to a prediction, by index in the batch."""
    return {
        index: InvalidRecord(DeadLetterReason.INVALID_UTF8, "the name of a header is not UTF-8")
        for index, message in enumerate(messages)
        if not all(map(_has_name, _client_headers(message) or ()))
    }


def _client_headers(message: HasHeaders) -> Headers:
    try:
        return message.headers()
    except UNREADABLE_HEADER_ERRORS:
        return message.headers()


def _has_name(header: tuple[str, bytes | None]) -> bool:
    return len(gc.get_referents(header)) == 2  # a null pointer is not among them


def _value(header: tuple[str, bytes | None]) -> bytes | None:
    (value,) = gc.get_referents(header)
    return value if isinstance(value, bytes) else None
