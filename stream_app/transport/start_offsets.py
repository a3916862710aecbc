"""Resolves the offset at which a partition is read after an assignment or a rewind.

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

REQUEST_TIMEOUT: Final = 1.0
"""Seconds that one request to the broker may take. It is repeated until there is an answer."""


@dataclass(frozen=True)
class StartOffset:
    """Reading starts at `offset`; `skipped` offsets before it were deleted unread."""

    offset: int
    skipped: int = 0


def resolve_start_offset(
    consumer: Consumer, partition: TopicPartition, first_offset: int | None
) -> StartOffset:
    """Resolves where to read a partition: at the committed offset, or at the oldest record.

    Args:
        consumer: A member of the group.
        partition: Its topic and number; it need not have a leader yet.
        first_offset: For a partition that has to be read again: the first offset that this member
            read and did not commit. Reading starts there if the group has no committed offset.

    Raises:
        KafkaException: The broker does not answer now. It does not while a transaction with offsets
            of this partition is open, or while the partition has no leader.
    """
    (committed,) = kafka.committed_offsets(consumer, [partition], REQUEST_TIMEOUT)
    if first_offset is not None:
        return StartOffset(committed.offset if committed.offset >= 0 else first_offset)
    low, high = consumer.get_watermark_offsets(partition, REQUEST_TIMEOUT)
    if committed.offset < 0:
        return StartOffset(low)
    return _clamp(committed, low, high)


def _clamp(committed: TopicPartition, low: int, high: int) -> StartOffset:
    """The committed offset, or the oldest record's if the committed one is out of range."""
    if committed.offset < low:
        log.warning(
            "records were deleted before they were read: partition=%d offsets=%d-%d",
            committed.partition,
            committed.offset,
            low - 1,
        )
        return StartOffset(low, low - committed.offset)
    if committed.offset > high:
        log.warning(
            "the committed offset is beyond the end, reading the partition from its beginning: "
            "partition=%d offset=%d end=%d",
            committed.partition,
            committed.offset,
            high,
        )
        return StartOffset(low)
    return StartOffset(committed.offset)
