"""Where a partition is read from once it is assigned, and what can no more be read of it."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

log = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds for each question: it is asked for the log and the metrics alone."""


@dataclass(frozen=True)
class Start:
    """Reading begins at `offset`; `skipped` offsets before it are gone that nobody has read."""

    partition: int
    offset: int
    skipped: int = 0


def starts(consumer: Consumer, partitions: Iterable[TopicPartition]) -> Iterator[Start]:
    """Where the client will begin, as far as the broker says so in time. Raises nothing."""
    try:
        for place in consumer.committed(list(partitions), PATIENCE):
            low, high = consumer.get_watermark_offsets(place, PATIENCE)
            yield _start(place, low, high)
    except KafkaException as failure:
        log.info("the partitions' offsets are not known: %s", failure.args[0].str())


def _start(place: TopicPartition, low: int, high: int) -> Start:
    """The group's offset, or the oldest record's where there is none or it is out of range."""
    if place.offset < 0:
        return Start(place.partition, low)
    if place.offset < low:
        log.warning(
            "partition %d: the records of offsets %d to %d were deleted before they were read",
            place.partition,
            place.offset,
            low - 1,
        )
        return Start(place.partition, low, low - place.offset)
    if place.offset > high:
        log.warning(
            "partition %d ends at offset %d, before the group's offset %d: it is read from its "
            "beginning",
            place.partition,
            high,
            place.offset,
        )
        return Start(place.partition, low)
    return Start(place.partition, place.offset)
