"""Reads a topic's committed messages: to its current end, or continuously."""

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
from contract.bounded_reader import PartitionEnds, ReadTimeout
from contract.errors import BrokerUnreachable, TopicUnavailable
from contract.settings import Settings
from intent.cli.arguments import StartPosition

GROUP: Final = "intent-consume"
"""Required by the client; no offsets are committed under it."""

POLL_TIMEOUT: Final = 0.2
"""Seconds. The stop event is checked this often."""

BATCH_SIZE: Final = 500


class TopicReader:
    """Reads all partitions of a topic with `read_committed`. A context manager.

    All methods raise `BrokerUnreachable` if the broker does not answer.

    Raises:
        BrokerUnreachable: The broker does not answer.
        TopicUnavailable: The topic does not exist.
    """

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        kafka.check_broker(settings)
        self._consumer: Consumer = kafka.create_consumer(settings, GROUP, enable_partition_eof=True)
        self._partitions = self._fetch_partitions()
        self._end: dict[int, int] = {}
        self._ends = PartitionEnds(self._consumer)
        self._unread: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def seek(self, start: StartPosition) -> None:
        """Starts at a position; at the end if an offset or a time is beyond it."""
        watermarks = self._watermarks()
        if start.kind == "time":
            found_offsets = {
                place.partition: place.offset for place in self._offsets_at(start.value)
            }
            offsets = {
                n: found_offsets[n] if found_offsets[n] >= 0 else watermarks[n][1]
                for n in watermarks
            }
        else:
            offsets = {
                n: {"beginning": low, "end": high}.get(start.kind, start.value)
                for n, (low, high) in watermarks.items()
            }
        self._assign(offsets, watermarks)

    def seek_before_end(self, count: int) -> None:
        """Starts so that at least the newest `count` messages are read."""
        # transaction markers take offsets too: every second one with the smallest transactions
        reach = 2 * count + 1_000
        watermarks = self._watermarks()
        offsets = {number: high - reach for number, (_, high) in watermarks.items()}
        self._assign(offsets, watermarks)

    def seek_to_previous_end(self) -> None:
        """Starts at the end offsets of the previous seek."""
        self._assign(self._end, {number: (0, end) for number, end in self._end.items()})

    def messages(self, follow: bool, stop: Event) -> Iterator[Message]:
        """Messages from the start position on.

        Args:
            follow: Whether to go on with new messages after the end offsets of the last seek.
            stop: Ends the iteration when set.
        """
        progress = ReadTimeout(self._settings, self._topic)
        while (self._unread or follow) and not stop.is_set():
            batch = self._consumer.consume(BATCH_SIZE, POLL_TIMEOUT)
            progress.check(bool(batch) or follow)
            for message in batch:
                try:
                    is_last = self._ends.is_reached_by(message)
                except KafkaException as failure:
                    raise self._read_error(failure.args[0]) from None
                number = message.partition() or 0
                is_new = (message.offset() or 0) >= self._end[number]
                if message.error() is None and (follow or not is_new):
                    yield message
                if is_last:
                    self._unread.discard(number)

    def _assign(
        self, offsets: Mapping[int, int], watermarks: Mapping[int, tuple[int, int]]
    ) -> None:
        """Assigns all partitions at the offsets, limited to the watermarks.

        An offset out of range would make the consumer start at the beginning.
        """
        begin = {n: min(max(low, offsets[n]), high) for n, (low, high) in watermarks.items()}
        self._end = {number: high for number, (_, high) in watermarks.items()}
        self._ends = PartitionEnds(self._consumer, self._end)
        self._unread = {number for number, offset in begin.items() if offset < self._end[number]}
        self._consumer.assign([TopicPartition(self._topic, *place) for place in begin.items()])

    def _watermarks(self) -> dict[int, tuple[int, int]]:
        return {number: self._fetch_watermarks(number) for number in self._partitions}

    def _fetch_partitions(self) -> list[int]:
        metadata = self._call(self._consumer.list_topics, self._topic)
        topic = metadata.topics[self._topic]
        if topic.error is not None:
            raise TopicUnavailable(
                f"topic {self._topic} does not exist ({topic.error.str()}): create it with "
                "`intent up` or `intent produce`, or name another one with its setting"
            )
        return sorted(topic.partitions)

    def _fetch_watermarks(self, number: int) -> tuple[int, int]:
        place = TopicPartition(self._topic, number)
        return cast("tuple[int, int]", self._call(self._consumer.get_watermark_offsets, place))

    def _offsets_at(self, time: int) -> list[TopicPartition]:
        """First offsets at or after a time in ms; negative for partitions without one."""
        places = [TopicPartition(self._topic, number, time) for number in self._partitions]
        offsets: list[TopicPartition] = self._call(self._consumer.offsets_for_times, places)
        return offsets

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        timeout = self._settings.kafka_timeout
        try:
            return kafka.retry_during_election(
                lambda: function(*arguments, timeout=timeout), timeout
            )
        except KafkaException as failure:
            raise self._read_error(failure.args[0]) from None

    def _read_error(self, error: KafkaError) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"cannot read {self._topic} ({error.str()}): check that the broker is running, and "
            "start again"
        )


def read_messages(
    reader: TopicReader, start: StartPosition, last: int | None, follow: bool, stop: Event
) -> Iterator[Message]:
    """Messages of a topic as `intent consume` prints them.

    Args:
        reader: An open reader.
        start: Start position; ignored with `last`.
        last: Read the newest messages by timestamp, this many, in chronological order.
        follow: Whether to go on with new messages.
        stop: Ends the iteration when set.
    """
    if last:
        reader.seek_before_end(last)
        yield from reversed(heapq.nlargest(last, reader.messages(False, stop), key=_order))
        reader.seek_to_previous_end()
    else:
        reader.seek(start)
    yield from reader.messages(follow, stop)


def _order(message: Message) -> tuple[int, int, int]:
    return message.timestamp()[1], message.partition() or 0, message.offset() or 0
