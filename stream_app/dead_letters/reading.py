"""The dead letters that there are now, and which of them were redriven."""

import logging
from collections.abc import Iterator, Set

from confluent_kafka import Message

from contract import codec
from contract.errors import BadSetting, InvalidRecord
from contract.settings import Settings
from contract.topic_reader import read_topic
from contract.topics import topics
from stream_app.dead_letters.filter import Found, Selection

log = logging.getLogger(__name__)

Marked = tuple[int, int, int]
"""Partition, offset and timestamp of a dead letter: together its own even in a topic made anew."""


def dead_letters(settings: Settings, selection: Selection) -> Iterator[Found]:
    """The selected ones, in the order of their topic; one at a time in memory.

    Raises `BrokerUnreachable`, and at the end `BadSetting` where a selected place has none.
    """
    redriven = _redriven(settings)
    missing = set(selection.places)
    for message in read_topic(settings, topics(settings).dead_letters.name):
        try:
            letter = codec.decode_dead_letter(message.value())
        except InvalidRecord as invalid:
            log.warning("%s is no dead letter: %s", _mark(message)[:2], invalid)
            continue
        if selection.has(letter):
            mark = _mark(message)
            missing.discard((letter.partition, letter.offset))
            yield Found(letter, *mark, redriven=mark in redriven)
    if missing:
        which = ", ".join(f"{partition}:{offset}" for partition, offset in sorted(missing))
        reasons = f" with reason {' or '.join(sorted(selection.reasons))}" * bool(selection.reasons)
        raise BadSetting(
            f"no dead letter{reasons} of the record at {which}: `intent dead-letters show` prints "
            "where each record stood"
        )


def _redriven(settings: Settings) -> Set[Marked]:
    found = set()
    for message in read_topic(settings, topics(settings).redrives.name):
        try:
            redrive = codec.decode_redrive(message.value())
        except InvalidRecord as invalid:
            log.warning("%s tells of no redrive: %s", _mark(message)[:2], invalid)
            continue
        found.add((redrive.partition, redrive.offset, redrive.timestamp))
    return found


def _mark(message: Message) -> Marked:
    return message.partition() or 0, message.offset() or 0, message.timestamp()[1]
