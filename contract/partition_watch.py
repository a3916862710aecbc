"""How far partitions can be read, and which open transaction holds one back.

A read-committed consumer reads up to the last stable offset. Where that is stands on the broker
alone: what the client knows of it is as old as its last fetch, and a client that has stopped
fetching knows nothing new.
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

Place = tuple[str, int]
"""Topic and partition."""

POLL_INTERVAL: Final = 1.0
"""Seconds. Two small requests to each leader."""

_FRESH: Final = {"metadata.max.age.ms": 1_000}
"""librdkafka takes leaders and their epochs from its cache, for 15 minutes. After a broker
crash it would be told FENCED_LEADER_EPOCH for as long, and does not look the leader up again."""

HELD_AFTER: Final = 5.0
"""Seconds without a move after which a last stable offset before the end counts as held back.
Every transaction holds it back for a moment."""


@dataclass(frozen=True, slots=True)
class PartitionEnd:
    """Where a partition ends, in offsets.

    Attributes:
        last_stable: The first offset that a read-committed consumer cannot read yet.
        end: The offset of the next message; transaction markers count as messages.
    """

    last_stable: int
    end: int

    @property
    def is_held(self) -> bool:
        """Whether an open transaction holds messages back."""
        return self.last_stable < self.end


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that holds back a partition: nothing from `offset` on can be read.

    Attributes:
        producer_id: The producer of the transaction, -1 if the broker does not say.
        seconds: For how long the last stable offset has not moved.
    """

    topic: str
    partition: int
    offset: int
    producer_id: int
    seconds: float

    def describe(self) -> str:
        """One line for a person."""
        producer = self.producer_id if self.producer_id >= 0 else "unknown"
        return (
            f"{self.topic}, partition {self.partition}: an open transaction of producer id "
            f"{producer} has held back every record from offset {self.offset} for "
            f"{self.seconds:.0f} s"
        )


class PartitionWatch(threading.Thread):
    """Asks the broker once a second where the watched partitions end. Owns its own clients.

    What it knows is replaced as a whole and may be read from any thread. While the broker does not
    answer, the last answer stays.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="partition-watch", daemon=True)
        self._settings = settings
        self._admin = kafka.admin(settings, **_FRESH)
        self._places: frozenset[Place] = frozenset()
        self._stopping = threading.Event()
        self._held_since: dict[Place, tuple[int, float]] = {}
        self.ends: Mapping[Place, PartitionEnd] = {}
        self.open_transactions: tuple[OpenTransaction, ...] = ()

    def watch(self, places: Iterable[Place]) -> None:
        """Sets the partitions that are asked about from now on."""
        self._places = frozenset(places)

    def stop(self) -> None:
        """Ends the thread after the request in hand. Does not wait."""
        self._stopping.set()

    def run(self) -> None:
        """Polls until stopped."""
        while not self._stopping.wait(POLL_INTERVAL):
            self.poll(time.monotonic())

    def poll(self, now: float) -> None:
        """Asks once, and waits for the answers. `now` is in seconds of a monotonic clock."""
        places = self._places
        ends = {**self.ends, **partition_ends(self._admin, places, self._settings.kafka_timeout)}
        self.ends = {place: end for place, end in ends.items() if place in places}
        self._note_held(now)

    def _note_held(self, now: float) -> None:
        before = self._held_since
        self._held_since = {}
        for place, end in self.ends.items():
            if end.is_held:
                offset, since = before.get(place, (-1, now))
                self._held_since[place] = (
                    end.last_stable,
                    since if offset == end.last_stable else now,
                )
        stuck = {
            place: offset
            for place, (offset, since) in self._held_since.items()
            if now - since >= HELD_AFTER
        }
        known = {(each.topic, each.partition, each.offset): each for each in self.open_transactions}
        ids = {
            place: known[*place, offset].producer_id
            for place, offset in stuck.items()
            if (*place, offset) in known
        }
        unknown = {place: stuck[place] for place in stuck if ids.get(place, -1) < 0}
        if unknown:
            ids |= producer_ids(self._settings, unknown)
        self.open_transactions = tuple(
            OpenTransaction(*place, offset, ids[place], now - self._held_since[place][1])
            for place, offset in sorted(stuck.items())
        )
        for each in self.open_transactions:
            if (each.topic, each.partition, each.offset) not in known:
                log.warning("partition held back: %s", each.describe())


def partition_ends(
    admin: AdminClient, places: Collection[Place], timeout: float
) -> dict[Place, PartitionEnd]:
    """Where partitions end; without those of which the broker does not answer within `timeout`."""
    if not places:
        return {}
    asked = {
        TopicPartition(*place): OffsetSpec.latest()  # type: ignore[no-untyped-call]
        for place in places
    }
    try:
        stable, latest = (
            admin.list_offsets(asked, isolation_level=level, request_timeout=timeout)
            for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
        )
    except KafkaException:
        return {}
    found = {}
    for partition, answer in stable.items():
        try:
            last_stable = answer.result(2 * timeout).offset
            # asked at the same time, so it may be the older answer
            end = max(last_stable, latest[partition].result(2 * timeout).offset)
        except (KafkaException, TimeoutError):
            continue
        found[(str(partition.topic), int(partition.partition))] = PartitionEnd(last_stable, end)
    return found


def producer_ids(settings: Settings, offsets: Mapping[Place, int]) -> dict[Place, int]:
    """Which producer's open transaction starts at the last stable offset of each partition.

    Args:
        settings: Broker and login.
        offsets: The last stable offset of each partition.

    Returns:
        A producer id for each partition, -1 where the broker does not say.
    """
    # 0.4 s of imports for what hardly ever happens
    from kafka.errors import KafkaError as KafkaPythonError  # noqa: PLC0415
    from kafka.structs import TopicPartition as KafkaPythonPartition  # noqa: PLC0415

    from contract.kafka_admin import admin_client  # noqa: PLC0415

    ids = dict.fromkeys(offsets, -1)
    try:
        with admin_client(settings) as client:
            states = client.describe_producers([KafkaPythonPartition(*each) for each in offsets])
    except KafkaPythonError as failure:
        log.warning("producers of open transactions unknown: %s", type(failure).__name__)
        return ids
    for (topic, partition), state in states.items():
        for producer in state.active_producers:
            if producer.current_transaction_start_offset == offsets[(topic, partition)]:
                ids[(topic, partition)] = int(producer.producer_id)
    return ids
