"""Watches the ends of partitions, and names open transactions that hold them back.

A read-committed consumer reads up to the last stable offset. Only the broker has its current value:
a client's value is as old as its last fetch, and a client that has stopped fetching gets no other.
"""

import logging
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from contract import kafka
from contract.settings import Settings

log = logging.getLogger(__name__)

TopicAndPartition = tuple[str, int]
"""Name of a topic, and number of a partition."""

POLL_INTERVAL: Final = 1.0
"""Seconds between polls. A poll is two small requests to each leader."""

_METADATA_OPTIONS: Final = {"metadata.max.age.ms": 1_000}
"""By default librdkafka caches leaders and their epochs for 15 minutes. After a broker crash it
would get FENCED_LEADER_EPOCH for as long, without looking the leader up again."""

HELD_AFTER: Final = 5.0
"""Seconds for which the last stable offset stays below the end before the partition counts as held
back. Every transaction holds it back for a moment."""


@dataclass(frozen=True, slots=True)
class PartitionEnd:
    """End offsets of a partition.

    Attributes:
        last_stable: First offset that a read-committed consumer cannot read yet.
        end: Offset of the next message. Transaction markers count as messages.
    """

    last_stable: int
    end: int

    @property
    def is_held(self) -> bool:
        """Whether an open transaction holds messages back."""
        return self.last_stable < self.end


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that holds back a partition.

    Attributes:
        topic: Name of the topic.
        partition: Number of the partition.
        offset: First offset that cannot be read.
        producer_id: Producer of the transaction; -1 if unknown.
        seconds: For how long the last stable offset has not moved.
    """

    topic: str
    partition: int
    offset: int
    producer_id: int
    seconds: float

    def describe(self) -> str:
        """One line of text."""
        producer = self.producer_id if self.producer_id >= 0 else "unknown"
        return (
            f"{self.topic}, partition {self.partition}: an open transaction of producer id "
            f"{producer} has held back every record from offset {self.offset} for "
            f"{self.seconds:.0f} s"
        )


class PartitionWatch(threading.Thread):
    """Polls the ends of partitions once a second, with its own clients.

    `ends` and `open_transactions` are replaced as a whole and may be read from any thread. While
    the broker does not answer, they keep their last values.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="partition-watch", daemon=True)
        self._settings = settings
        self._admin = kafka.create_admin_client(settings, **_METADATA_OPTIONS)
        self._partitions: frozenset[TopicAndPartition] = frozenset()
        self._stopping = threading.Event()
        self._held_since: dict[TopicAndPartition, tuple[int, float]] = {}
        self.ends: Mapping[TopicAndPartition, PartitionEnd] = {}
        self.open_transactions: tuple[OpenTransaction, ...] = ()

    def watch_partitions(self, partitions: Iterable[TopicAndPartition]) -> None:
        """Sets the partitions that are polled from now on."""
        self._partitions = frozenset(partitions)

    def stop(self) -> None:
        """Ends the thread after its current request. Does not wait."""
        self._stopping.set()

    def run(self) -> None:
        """Polls until stopped."""
        self.poll(time.monotonic())
        while not self._stopping.wait(POLL_INTERVAL):
            self.poll(time.monotonic())

    def poll(self, now: float) -> None:
        """Polls once. `now` is in seconds of a monotonic clock."""
        watched = self._partitions
        new_ends = partition_ends(self._admin, watched, self._settings.kafka_timeout)
        ends = {**self.ends, **new_ends}
        self.ends = {partition: end for partition, end in ends.items() if partition in watched}
        self._update_open_transactions(now)

    def _update_open_transactions(self, now: float) -> None:
        before = self._held_since
        self._held_since = {}
        for partition, end in self.ends.items():
            if end.is_held:
                offset, since = before.get(partition, (-1, now))
                moved = offset != end.last_stable
                self._held_since[partition] = end.last_stable, now if moved else since
        held = {
            partition: offset
            for partition, (offset, since) in self._held_since.items()
            if now - since >= HELD_AFTER
        }
        reported = {
            (transaction.topic, transaction.partition, transaction.offset): transaction.producer_id
            for transaction in self.open_transactions
        }
        ids = {
            partition: reported[*partition, offset]
            for partition, offset in held.items()
            if (*partition, offset) in reported
        }
        without_id = {
            partition: offset for partition, offset in held.items() if ids.get(partition, -1) < 0
        }
        if without_id:
            ids |= producer_ids(self._settings, without_id)
        self.open_transactions = tuple(
            OpenTransaction(
                *partition, offset, ids[partition], now - self._held_since[partition][1]
            )
            for partition, offset in sorted(held.items())
        )
        for transaction in self.open_transactions:
            key = (transaction.topic, transaction.partition, transaction.offset)
            if key not in reported:
                log.warning("partition held back: %s", transaction.describe())


def partition_ends(
    admin: AdminClient, partitions: Collection[TopicAndPartition], timeout: float
) -> dict[TopicAndPartition, PartitionEnd]:
    """Requests the ends of partitions. Leaves out those without an answer within `timeout` seconds.

    Args:
        admin: Client of the broker.
        partitions: Partitions of any topics.
        timeout: Seconds per request.
    """
    if not partitions:
        return {}
    requested = {
        TopicPartition(*partition): OffsetSpec.latest()  # type: ignore[no-untyped-call]
        for partition in partitions
    }
    try:
        stable, latest = (
            admin.list_offsets(requested, isolation_level=level, request_timeout=timeout)
            for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
        )
    except KafkaException:
        return {}
    ends = {}
    for partition, answer in stable.items():
        try:
            last_stable = answer.result(2 * timeout).offset
            # requested at the same time, so it may be the older answer
            end = max(last_stable, latest[partition].result(2 * timeout).offset)
        except (KafkaException, TimeoutError):
            continue
        ends[str(partition.topic), int(partition.partition)] = PartitionEnd(last_stable, end)
    return ends


def producer_ids(
    settings: Settings, offsets: Mapping[TopicAndPartition, int]
) -> dict[TopicAndPartition, int]:
    """Finds the producers whose open transactions start at these offsets.

    Args:
        settings: Broker and login.
        offsets: The last stable offset of each partition.

    Returns:
        A producer id for each partition; -1 if the broker does not report it.
    """
    # the import takes 0.4 s and is rarely needed
    from kafka.errors import KafkaError as KafkaPythonError  # noqa: PLC0415
    from kafka.structs import TopicPartition as KafkaPythonPartition  # noqa: PLC0415

    from contract.kafka_security import kafka_python_admin  # noqa: PLC0415

    ids = dict.fromkeys(offsets, -1)
    try:
        with kafka_python_admin(settings) as client:
            states = client.describe_producers([KafkaPythonPartition(*key) for key in offsets])
    except KafkaPythonError as failure:
        log.warning("cannot read producers of open transactions: %s", type(failure).__name__)
        return ids
    for (topic, partition), state in states.items():
        for producer in state.active_producers:
            if producer.current_transaction_start_offset == offsets[(topic, partition)]:
                ids[(topic, partition)] = int(producer.producer_id)
    return ids
