"""A record that does not fit the contract -> its dead letter, byte for byte. Pure."""

from contract import codec
from contract.errors import InvalidRecord
from contract.events import DeadLetter
from stream_app.message import Message, Outgoing


def dead_letter(message: Message, invalid: InvalidRecord) -> Outgoing:
    """The message as it came, where it stood, and what is wrong with it; under its own key."""
    letter = DeadLetter(
        reason=invalid.reason,
        detail=invalid.detail,
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=message.headers() or [],
    )
    return Outgoing(message.key(), codec.encode(letter))
