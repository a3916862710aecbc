"""Reads the dead letters on their topic, and which of them were redriven."""

import logging
from collections.abc import Iterator, Set

from confluent_kafka import Message

from contract import codec
from contract.bounded_reader import read_topic
from contract.errors import BadSetting, InvalidRecord
from contract.settings import Settings
from contract.topics import topics
from stream_app.dead_letters.filter import DeadLetterFilter, StoredDeadLetter

log = logging.getLogger(__name__)

MessagePosition = tuple[int, int, int]
"""Partition, offset and timestamp of a message. With the timestamp it is unique even in a topic
that was deleted and created again."""


def read_dead_letters(settings: Settings, selected: DeadLetterFilter) -> Iterator[StoredDeadLetter]:
    """The selected dead letters in the order of their topic, one at a time in memory.

    Raises:
        BrokerUnreachable: The broker does not answer.
        BadSetting: At the end, if there is no dead letter for a selected position.
    """
    redriven = _redriven_positions(settings)
    missing = set(selected.positions)
    for message in read_topic(settings, topics(settings).dead_letters.name):
        position = _position(message)
        try:
            dead_letter = codec.decode_dead_letter(message.value())
        except InvalidRecord as invalid:
            log.warning(
                "not a dead letter: partition=%d offset=%d error=%s", *position[:2], invalid
            )
            continue
        if selected.matches(dead_letter):
            missing.discard((dead_letter.partition, dead_letter.offset))
            yield StoredDeadLetter(dead_letter, *position, redriven=position in redriven)
    if missing:
        positions = ", ".join(f"{partition}:{offset}" for partition, offset in sorted(missing))
        reasons = f" with reason {' or '.join(sorted(selected.reasons))}" * bool(selected.reasons)
        raise BadSetting(
            f"no dead letter{reasons} of the record at {positions}: `intent dead-letters show` "
            "prints the position of each record"
        )


def _redriven_positions(settings: Settings) -> Set[MessagePosition]:
    positions = set()
    for message in read_topic(settings, topics(settings).redrives.name):
        try:
            redrive = codec.decode_redrive(message.value())
        except InvalidRecord as invalid:
            log.warning(
                "not a redrive: partition=%d offset=%d error=%s", *_position(message)[:2], invalid
            )
            continue
        positions.add((redrive.partition, redrive.offset, redrive.timestamp))
    return positions


def _position(message: Message) -> MessagePosition:
    return message.partition() or 0, message.offset() or 0, message.timestamp()[1]
