"""The dead letters that there are now, and which of them were replayed."""

import logging
from collections.abc import Iterator, Set

from confluent_kafka import Message

from contract import codec
from contract.errors import InvalidRecord
from contract.reading import messages
from contract.settings import Settings
from contract.topics import topics
from stream_app.letters.selection import Found, Selection

log = logging.getLogger(__name__)

Marked = tuple[int, int, int]
"""Partition, offset and timestamp of a dead letter: together its own even in a topic made anew."""


def dead_letters(settings: Settings, selection: Selection) -> Iterator[Found]:
    """The selected ones, in the order of their topic; one at a time in memory.

    Raises `BrokerUnreachable`.
    """
    replayed = _replayed(settings)
    for message in messages(settings, topics(settings).dead_letters.name):
        try:
            letter = codec.decode_dead_letter(message.value())
        except InvalidRecord as invalid:
            log.warning("%s is no dead letter: %s", _mark(message)[:2], invalid)
            continue
        if selection.has(letter):
            mark = _mark(message)
            yield Found(letter, *mark, replayed=mark in replayed)


def _replayed(settings: Settings) -> Set[Marked]:
    found = set()
    for message in messages(settings, topics(settings).replays.name):
        try:
            replay = codec.decode_replay(message.value())
        except InvalidRecord as invalid:
            log.warning("%s tells of no replay: %s", _mark(message)[:2], invalid)
            continue
        found.add((replay.partition, replay.offset, replay.timestamp))
    return found


def _mark(message: Message) -> Marked:
    return message.partition() or 0, message.offset() or 0, message.timestamp()[1]
