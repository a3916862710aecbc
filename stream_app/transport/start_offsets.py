"""The offset at which a partition is read once it is assigned or has to be read again.

Start offsets are set explicitly (`auto.offset.reset=error`). With `earliest`, librdkafka rewinds to
the oldest record when it believes that a crashed broker's log was truncated, and old records would
be scored again.
"""

import logging
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, TopicPartition

from contract import kafka

log = logging.getLogger(__name__)

TIMEOUT: Final = 1.0
"""Seconds of one question to the broker. It is asked again for as long as there is no answer."""


@dataclass(frozen=True)
class StartOffset:
    """Reading starts at `offset`; `skipped` offsets before it were deleted unread."""

    offset: int
    skipped: int = 0


def resolve_start_offset(
    consumer: Consumer, partition: TopicPartition, first_taken: int | None
) -> StartOffset:
    """Where to read a partition: at the group's committed offset, or at the oldest record.

    Args:
        consumer: A member of the group.
        partition: Its topic and number; it need not have a leader yet.
        first_taken: For a partition that has to be read again: the first offset that this member
            took and did not commit. Reading starts there if the group has no committed offset.

    Raises:
        KafkaException: The broker gives no answer now. That lasts while a transaction with offsets
            of this partition is open, or while the partition has no leader.
    """
    (place,) = kafka.committed_offsets(consumer, [partition], TIMEOUT)
    if first_taken is not None:
        return StartOffset(place.offset if place.offset >= 0 else first_taken)
    low, high = consumer.get_watermark_offsets(partition, TIMEOUT)
    if place.offset < 0:
        return StartOffset(low)
    return _within(place, low, high)


def _within(place: TopicPartition, low: int, high: int) -> StartOffset:
    """The committed offset, or the oldest record's if the committed one is out of range."""
    if place.offset < low:
        log.warning(
            "records were deleted before they were read: partition=%d offsets=%d-%d",
            place.partition,
            place.offset,
            low - 1,
        )
        return StartOffset(low, low - place.offset)
    if place.offset > high:
        log.warning(
            "the group's offset is beyond the end, reading the partition from its beginning: "
            "partition=%d offset=%d end=%d",
            place.partition,
            place.offset,
            high,
        )
        return StartOffset(low)
    return StartOffset(place.offset)
