"""Builds the dead letter of a record that does not match the schema, byte for byte. Pure."""

from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from contract import codec
from contract.errors import InvalidRecord
from contract.events import DeadLetter, Truncated
from contract.message_headers import readable_headers
from stream_app.scoring.message import Message, OutgoingMessage, message_size

MAX_DETAIL_CHARACTERS: Final = 500
"""Maximum length of a dead letter's detail. Some details quote the record."""


def build_dead_letter(message: Message, invalid: InvalidRecord, max_bytes: int) -> OutgoingMessage:
    """Builds the dead letter of a message, under the message's own key.

    Args:
        message: The consumed message. Its key, value, headers and position are kept unchanged.
        invalid: What is wrong with it.
        max_bytes: Maximum size of the dead letter. A larger one loses the end of its value. If that
            is not enough, it also loses its headers, then its key; `Truncated` says so.
    """
    dead_letter = DeadLetter(
        reason=invalid.reason,
        detail=invalid.detail[:MAX_DETAIL_CHARACTERS].encode(errors="replace").decode(),
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=readable_headers(message) or [],
    )
    complete = _outgoing(dead_letter)
    return complete if message_size(complete) <= max_bytes else _truncate(dead_letter, max_bytes)


def _truncate(dead_letter: DeadLetter, max_bytes: int) -> OutgoingMessage:
    value = dead_letter.value or b""
    truncated = Truncated(len(value), sha256(value).hexdigest())
    no_headers = replace(truncated, headers_omitted=True)
    no_key = replace(no_headers, key_omitted=True)
    candidates = [
        replace(dead_letter, value=None, truncated=truncated),
        replace(dead_letter, value=None, headers=[], truncated=no_headers),
        replace(dead_letter, value=None, headers=[], key=None, truncated=no_key),
    ]
    frame = next(
        (
            candidate
            for candidate in candidates
            if message_size(_outgoing(candidate)) <= max_bytes // 2
        ),
        candidates[-1],
    )
    if dead_letter.value is None:
        return _outgoing(frame)
    # base64 makes 4 bytes of 3
    room = (max_bytes - message_size(_outgoing(replace(frame, value=b"")))) // 4 * 3
    return _outgoing(replace(frame, value=value[: max(0, room)]))


def _outgoing(dead_letter: DeadLetter) -> OutgoingMessage:
    return {"key": dead_letter.key, "value": codec.encode(dead_letter)}
