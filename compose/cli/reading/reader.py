"""A topic -> its messages: to its present end, or on and on."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Any, Final, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from compose.cli.reading.start import Start
from contract import kafka
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.reading import Ends
from contract.settings import Settings

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
        self._patience = settings.kafka_timeout
        self._topic = topic
        kafka.check_broker(settings)
        self._consumer: Consumer = kafka.consumer(settings, GROUP, enable_partition_eof=True)
        self._partitions = self._ask_partitions()
        self._ends = Ends(self._consumer)
        self._unread: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def begin(self, start: Start) -> None:
        """What is read next is what stands there."""
        if start.at == "time":
            self._assign(self._ask_offsets(start.number))
        else:
            offset = {"beginning": OFFSET_BEGINNING, "end": OFFSET_END}.get(start.at, start.number)
            self._assign(self._places(offset))

    def begin_before_end(self, count: int) -> None:
        """What is read next are that many messages or more, and then what is new."""
        # a commit takes an offset too: with the smallest transactions, every second one
        reach = 2 * count + 1_000
        ends = [self._ask_ends(number) for number in self._partitions]
        self._assign(
            TopicPartition(self._topic, number, max(low, high - reach))
            for number, (low, high) in zip(self._partitions, ends, strict=True)
        )

    def messages(self, follow: bool, stop: Event) -> Iterator[Message]:
        """From there on: to every partition's end of the start or beyond, or as they come."""
        while (self._unread or follow) and not stop.is_set():
            for message in self._consumer.consume(AT_ONCE, LOOK_EVERY):
                try:
                    last = self._ends.reached_by(message)
                except KafkaException as failure:
                    raise self._unreadable(failure.args[0]) from None
                if message.error() is None:
                    yield message
                if last:
                    self._unread.discard(message.partition())

    def _assign(self, places: Iterable[TopicPartition]) -> None:
        self._ends = Ends(self._consumer)
        self._unread = set(self._partitions)
        self._consumer.assign(list(places))

    def _places(self, offset: int) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number, offset) for number in self._partitions]

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
        low, high = self._asked(
            self._consumer.get_watermark_offsets, TopicPartition(self._topic, number)
        )
        return low, high

    def _ask_offsets(self, time: int) -> list[TopicPartition]:
        """The first ones that are no older; the ends where there is none."""
        found: list[TopicPartition] = self._asked(
            self._consumer.offsets_for_times, self._places(time)
        )
        return found

    def _asked(self, ask: Callable[..., Any], *given: Any) -> Any:
        try:
            return ask(*given, timeout=self._patience)
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
    else:
        reader.begin(start)
    yield from reader.messages(follow, stop)


def _age(message: Message) -> tuple[int, int, int]:
    return message.timestamp()[1], message.partition() or 0, message.offset() or 0
