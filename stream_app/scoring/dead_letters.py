"""A record that does not fit the contract -> its dead letter, byte for byte. Pure."""

from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from contract import codec
from contract.errors import InvalidRecord
from contract.events import DeadLetter, Truncated
from stream_app.scoring.headers import readable
from stream_app.scoring.message import Message, Outgoing, size

DETAIL: Final = 500
"""Most characters of a detail: some quote the record."""


def dead_letter(message: Message, invalid: InvalidRecord, most: int) -> Outgoing:
    """The message as it came, where it stood, and what is wrong with it; under its own key.

    Where that is more than `most` bytes, the end of the value is cut off, and where that is not
    enough, headers and key are left out; `Truncated` says so.
    """
    letter = DeadLetter(
        reason=invalid.reason,
        detail=invalid.detail[:DETAIL].encode(errors="replace").decode(),
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=readable(message) or [],
    )
    whole = _outgoing(letter)
    return whole if size(whole) <= most else _cut(letter, most)


def _cut(letter: DeadLetter, most: int) -> Outgoing:
    value = letter.value or b""
    cut = Truncated(len(value), sha256(value).hexdigest())
    kept = [
        replace(letter, value=None, cut=cut),
        replace(letter, value=None, headers=[], cut=replace(cut, headers=True)),
        replace(letter, value=None, headers=[], key=None, cut=replace(cut, headers=True, key=True)),
    ]
    frame = next((each for each in kept if size(_outgoing(each)) <= most // 2), kept[-1])
    if letter.value is None:
        return _outgoing(frame)
    room = (most - size(_outgoing(replace(frame, value=b"")))) // 4 * 3  # base64: 4 bytes for 3
    return _outgoing(replace(frame, value=value[: max(0, room)]))


def _outgoing(letter: DeadLetter) -> Outgoing:
    return {"key": letter.key, "value": codec.encode(letter)}
