"""Where a partition is read from once it is assigned, and what can no more be read of it.

We say so ourselves, and the client never: left to itself it begins anew, at the oldest record, not
only where the group has no offset, but also when it takes the log of a broker that was killed for
truncated. All that was scored long ago would be scored again.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from contract import kafka
from contract.errors import WorkerFailed

log = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds that one call to the broker may take before it is logged and made again."""

LEAST_PATIENCE: Final = 0.05
"""Seconds of such a call when those before it have used that up."""

GIVES_UP_AFTER: Final = 60.0
"""Seconds; a dead member's transaction, which hides the group's offset, is over long before."""

ASKS_AGAIN_AFTER: Final = 0.1


@dataclass(frozen=True)
class Start:
    """Reading begins at `offset`; `skipped` offsets before it are gone that nobody has read.

    `OFFSET_BEGINNING`, which is negative, is wherever the oldest record is.
    """

    partition: int
    offset: int
    skipped: int = 0


def starts(consumer: Consumer, partitions: Iterable[TopicPartition]) -> list[Start]:
    """Where to begin in each partition; nothing if the broker does not tell the group's offsets.

    The client then asks for them itself, for as long as it takes: a rebalance is no place to wait.
    Only of a partition of which the group has no offset it will not know.
    """
    until = time.monotonic() + PATIENCE
    try:
        places = kafka.committed(consumer, list(partitions), PATIENCE)
    except KafkaException as failure:
        log.warning("the client itself must find its place: %s", failure.args[0].str())
        return []
    return [_start(consumer, place, until) for place in places]


T = TypeVar("T")


def until_told(ask: Callable[[], T], gives_up: Callable[[], bool]) -> T:
    """Asks the broker again for as long as the question fails for a reason that may pass.

    Raises `WorkerFailed` when it does not, when it takes too long, or when `gives_up`.
    """
    deadline = time.monotonic() + GIVES_UP_AFTER
    while True:
        try:
            return ask()
        except KafkaException as failure:
            error = failure.args[0]
            if error.fatal() or gives_up() or time.monotonic() > deadline:
                raise WorkerFailed(
                    f"the broker does not tell the group's offsets ({error.str()}): start again"
                ) from None
            log.warning("waiting for the group's offsets: %s", error.str())
            time.sleep(ASKS_AGAIN_AFTER)


def _start(consumer: Consumer, place: TopicPartition, until: float) -> Start:
    """Where to begin in a partition whose group's offset, negative for none, is known.

    What there is to read is not where the partition has no leader just now, as one that was just
    made: the client waits for it, and finds the oldest record, or an offset that is out of range.
    """
    try:
        patience = max(until - time.monotonic(), LEAST_PATIENCE)
        low, high = consumer.get_watermark_offsets(place, patience)
    except KafkaException as failure:
        log.warning(
            "partition %d: not known what there is to read: %s",
            place.partition,
            failure.args[0].str(),
        )
        return Start(place.partition, place.offset if place.offset >= 0 else OFFSET_BEGINNING)
    return _in_range(place, low, high)


def _in_range(place: TopicPartition, low: int, high: int) -> Start:
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
