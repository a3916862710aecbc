"""A topic -> its messages: to its present end, or on and on."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any, Final, Self, cast

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from contract import kafka
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.settings import Settings
from contract.topic_reader import PartitionEnds, ReadTimeout
from intent.cli.reading.start import Start

GROUP: Final = "intent-consume"
"""A name alone: no offset is ever committed under it."""

LOOK_EVERY: Final = 0.2
"""Seconds between two looks at whether to stop."""

AT_ONCE: Final = 500


class Reader:
    """Reads all partitions of one topic, committed messages alone. A context manager.

    Raises `BrokerUnreachable` or `TopicUnavailable`, at once and in all that it does.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        kafka.check_broker(settings)
        self._consumer: Consumer = kafka.create_consumer(settings, GROUP, enable_partition_eof=True)
        self._partitions = self._ask_partitions()
        self._end: dict[int, int] = {}
        self._ends = PartitionEnds(self._consumer)
        self._unread: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def begin(self, start: Start) -> None:
        """Reads next what stands there; of an offset or a time beyond the end, what is new."""
        extents = self._extents()
        if start.at == "time":
            found = {place.partition: place.offset for place in self._ask_offsets(start.number)}
            wanted = {n: found[n] if found[n] >= 0 else extents[n][1] for n in extents}
        else:
            wanted = {
                n: {"beginning": low, "end": high}.get(start.at, start.number)
                for n, (low, high) in extents.items()
            }
        self._assign(wanted, extents)

    def begin_before_end(self, count: int) -> None:
        """Reads next the newest messages, that many or more."""
        # a commit takes an offset too: with the smallest transactions, every second one
        reach = 2 * count + 1_000
        extents = self._extents()
        self._assign({number: high - reach for number, (_, high) in extents.items()}, extents)

    def begin_at_end(self) -> None:
        """Reads next what was written since the last beginning."""
        self._assign(self._end, {number: (0, end) for number, end in self._end.items()})

    def messages(self, follow: bool, stop: Event) -> Iterator[Message]:
        """From there on: to the ends that the partitions had at the beginning, or as they come."""
        progress = ReadTimeout(self._settings, self._topic)
        while (self._unread or follow) and not stop.is_set():
            found = self._consumer.consume(AT_ONCE, LOOK_EVERY)
            progress.check(bool(found) or follow)
            for message in found:
                try:
                    last = self._ends.is_reached_by(message)
                except KafkaException as failure:
                    raise self._unreadable(failure.args[0]) from None
                number = message.partition() or 0
                is_new = (message.offset() or 0) >= self._end[number]
                if message.error() is None and (follow or not is_new):
                    yield message
                if last:
                    self._unread.discard(number)

    def _assign(self, wanted: Mapping[int, int], extents: Mapping[int, tuple[int, int]]) -> None:
        """Begins at the wanted offsets, or as near to them as there are messages.

        An offset out of range would begin at the beginning, as a consumer is told to.
        """
        begin = {n: min(max(low, wanted[n]), high) for n, (low, high) in extents.items()}
        self._end = {number: high for number, (_, high) in extents.items()}
        self._ends = PartitionEnds(self._consumer, self._end)
        self._unread = {number for number, offset in begin.items() if offset < self._end[number]}
        self._consumer.assign([TopicPartition(self._topic, *place) for place in begin.items()])

    def _extents(self) -> dict[int, tuple[int, int]]:
        return {number: self._ask_ends(number) for number in self._partitions}

    def _ask_partitions(self) -> list[int]:
        found = self._asked(self._consumer.list_topics, self._topic)
        topic = found.topics[self._topic]
        if topic.error is not None:
            raise TopicUnavailable(
                f"there is no topic {self._topic} ({topic.error.str()}): `intent up` and "
                "`intent produce` make it, or name another with its setting"
            )
        return sorted(topic.partitions)

    def _ask_ends(self, number: int) -> tuple[int, int]:
        return cast(
            "tuple[int, int]",
            self._asked(self._consumer.get_watermark_offsets, TopicPartition(self._topic, number)),
        )

    def _ask_offsets(self, time: int) -> list[TopicPartition]:
        """The first ones that are no older; a negative offset where there is none."""
        places = [TopicPartition(self._topic, number, time) for number in self._partitions]
        found: list[TopicPartition] = self._asked(self._consumer.offsets_for_times, places)
        return found

    def _asked(self, ask: Callable[..., Any], *given: Any) -> Any:
        timeout = self._settings.kafka_timeout
        try:
            return kafka.retry_during_election(lambda: ask(*given, timeout=timeout), timeout)
        except KafkaException as failure:
            raise self._unreadable(failure.args[0]) from None

    def _unreadable(self, error: KafkaError) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"cannot read {self._topic} ({error.str()}): see to the broker, and start again"
        )


def selected(
    reader: Reader, start: Start, last: int | None, follow: bool, stop: Event
) -> Iterator[Message]:
    """The newest `last` by timestamp, the oldest of them first, or all from the start on; with
    `follow` then what is new.
    """
    if last:
        reader.begin_before_end(last)
        yield from reversed(heapq.nlargest(last, reader.messages(False, stop), key=_age))
        reader.begin_at_end()
    else:
        reader.begin(start)
    yield from reader.messages(follow, stop)


def _age(message: Message) -> tuple[int, int, int]:
    return message.timestamp()[1], message.partition() or 0, message.offset() or 0
