"""`customers` -> batches of raw messages; a batch can be taken back. Owns the consumer."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from contract import kafka, kafka_security
from contract.errors import TopicUnavailable, WorkerFailed
from contract.partition_watch import OpenTransaction, PartitionEnd, PartitionWatch
from contract.topics import Topic
from stream_app.metrics import ScorerMetrics
from stream_app.scoring.message import Message
from stream_app.settings import ScorerSettings
from stream_app.transport.identity import Identity
from stream_app.transport.start_offsets import resolve_start_offset

log = logging.getLogger(__name__)

METADATA_REFRESH_MS: Final = 10_000
"""How soon a partition that is added is read; nothing of it is lost meanwhile."""

RESOLVE_INTERVAL: Final = 1.0
"""Seconds between two attempts to resolve start offsets that the broker did not give."""

RESOLVE_TIME: Final = 3.0
"""Seconds that one attempt may keep other partitions waiting."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction will hold.

    Attributes:
        messages: in the order of their partitions.
        next_offsets: where reading goes on in each partition once the batch is committed.
        group: the membership under which the messages were read. It is asked for *before* they
            are, so that a batch read under a lost membership is fenced, not written twice.
        full: more messages were probably waiting.
    """

    messages: list[Message]
    next_offsets: list[TopicPartition]
    group: Any
    full: bool


class Batches:
    """A member of the scorer's consumer group. All of it is used by one thread at a time."""

    def __init__(self, settings: ScorerSettings, topic: Topic, metrics: ScorerMetrics) -> None:
        self._settings = settings
        self._topic = topic.name
        self._most = settings.batch_max_records
        self._metrics = metrics
        self._identity = Identity(settings, topic.name)
        self._consumer: Consumer = kafka.create_consumer(
            settings,
            settings.scorer_group,
            auto_offset_reset="error",  # see `start_offsets`
            enable_partition_eof=True,  # transaction markers at the end are not records to read
            session_timeout_ms=round(settings.session_timeout * 1000),
            heartbeat_interval_ms=round(settings.session_timeout * 1000 / 4),
            # the time between two polls too, before whose end the watchdog is to end a stuck worker
            max_poll_interval_ms=round(settings.longest_rebalance * 1000),
            topic_metadata_refresh_interval_ms=METADATA_REFRESH_MS,
            **({"group_instance_id": settings.worker_id} if settings.static_membership else {}),
        )
        self._next: dict[int, int] = {}
        self._read_to: dict[int, int] = {}
        self._unresolved: dict[int, int | None] = {}
        self._stopped: set[int] = set()
        self._resolve_at = 0.0
        self._no_member = self._consumer.consumer_group_metadata()
        self._group = self._no_member
        self._watch = PartitionWatch(settings)
        self._watch.start()
        self.joined = False
        self._consumer.subscribe([topic.name], on_assign=self._assigned, on_lost=self._lost)

    def take(self, seconds: float) -> Batch | None:
        """The messages that are there; waits at most `seconds` for a first one.

        With 0 it never waits for the broker either, and resolves no start offset: see `positioned`.

        Raises `TopicUnavailable` when the topic is gone or another one, `AccessDenied` when it is
        not ours to read, `WorkerFailed` on a fatal client error.
        """
        self._identity.check()
        self._ask_for_group()
        if seconds and self._unresolved and time.monotonic() >= self._resolve_at:
            self._resolve()
        messages = self._consumer.consume(self._most, 0)
        if not messages and seconds:
            messages = self._consumer.consume(1, seconds)
            if messages and self._most > 1:
                messages += self._consumer.consume(self._most - 1, 0)
        if any([message.error() for message in messages]):  # noqa: C419  a list is twice as fast
            messages = [message for message in messages if self._is_record(message)]
        if self._unresolved:  # of these, no message is what has to be read next
            messages = [each for each in messages if each.partition() not in self._unresolved]
        records = cast("list[Message]", messages)
        if not records:
            return None
        if self._group == self._no_member:
            raise WorkerFailed("lost its membership while it was given partitions: start again")
        # Not the client's own positions: after a rewind they run ahead of what was taken.
        after = self._after(records)
        self._next.update(after)
        return Batch(
            records,
            [TopicPartition(self._topic, *position) for position in after.items()],
            self._group,
            full=len(records) == self._most,
        )

    def _after(self, records: Iterable[Message]) -> dict[int, int]:
        """The next offset of each partition that the records are of.

        Raises `WorkerFailed` where the client has gone back by itself. After a broker was killed
        it can take the log for truncated, and begin anew: what it gives then was scored long ago.
        A restart begins at the group's offsets.
        """
        after: dict[int, int] = {}
        for message in records:
            partition, offset = message.partition(), message.offset()
            at = after.get(partition) or self._next.get(partition, 0)
            if offset < at:
                raise WorkerFailed(
                    f"the Kafka client went back in partition {partition}, from offset {at} to "
                    f"{offset}: start again"
                )
            after[partition] = offset + 1
        return after

    def rewind(self, batches: Iterable[Batch]) -> None:
        """Reads these batches again, and all that was taken after them.

        Reading goes on at the group's committed offsets. The batches' own would not do: while they
        were in hand their partitions may have been another member's, which has committed them.
        """
        first: dict[int, int | None] = {}
        for batch in batches:
            for message in batch.messages:
                first.setdefault(message.partition(), message.offset())
        assigned = self.assigned()
        self._hold({each: offset for each, offset in first.items() if each in assigned})

    @property
    def positioned(self) -> bool:
        """Whether the start offset of each assigned partition is known."""
        return not self._unresolved

    @property
    def ends(self) -> Mapping[int, PartitionEnd]:
        """Where the assigned partitions end, as far as the broker has said."""
        return {partition: end for (_, partition), end in self._watch.ends.items()}

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """The transactions that hold back an assigned partition."""
        return self._watch.open_transactions

    def lag(self) -> dict[int, int]:
        """Offsets up to the last stable one that were not read yet, by partition.

        Without the partitions whose start offset or end is not known. Call it about once a second:
        it also tells the watch which partitions are assigned.
        """
        assigned = self.assigned()
        self._watch.watch_partitions((self._topic, partition) for partition in assigned)
        return {
            partition: max(0, end.last_stable - self._position(partition))
            for partition, end in self.ends.items()
            if partition in assigned and partition not in self._unresolved
        }

    def behind(self, lag: Mapping[int, int]) -> set[int]:
        """The partitions with records to read; one without a start offset may have some."""
        return {partition for partition, records in lag.items() if records} | {
            *self._unresolved.keys() & self.assigned()
        }

    def assigned(self) -> set[int]:
        """The partitions that this member reads."""
        return {part.partition for part in self._consumer.assignment()}

    def close(self) -> None:
        """Leaves the group at once, unless the membership is static."""
        self._watch.stop()
        self._consumer.close()

    def _position(self, partition: int) -> int:
        """The offset up to which a partition was read, aborted records and markers included."""
        return max(self._next.get(partition, 0), self._read_to.get(partition, 0))

    def _ask_for_group(self) -> None:
        """Without a membership the one before stays: of no member the broker takes any offsets."""
        now = self._consumer.consumer_group_metadata()
        if now != self._no_member:
            self._group = now

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Takes the partitions, and delivers nothing of them until their start offsets are known.

        A rebalance is no place to wait for the broker. Nor may the client ask for the offsets by
        itself: it asks once, and never reads the partition if that fails (decision 21).
        """
        log.info("assigned partitions %s", sorted(part.partition for part in partitions))
        for part in partitions:  # what another member left may be less than we once took
            self._unresolved.pop(part.partition, None)
            self._stopped.discard(part.partition)
        # before the assignment: of a partition that is paused the client fetches nothing, and an
        # offset that is a number has it ask the broker for nothing
        self._hold({part.partition: None for part in partitions})
        consumer.incremental_assign(
            [TopicPartition(self._topic, part.partition, 0) for part in partitions]
        )
        self.joined = True

    def _lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """The group has gone on without this member, which joins it again."""
        log.warning("lost partitions %s", sorted(part.partition for part in partitions))
        self.joined = False

    def _hold(self, first_taken: Mapping[int, int | None]) -> None:
        """Delivers no more messages of these partitions until their start offsets are resolved."""
        if not first_taken:
            return
        self._consumer.pause([TopicPartition(self._topic, each) for each in first_taken])
        for partition, offset in first_taken.items():
            self._unresolved.setdefault(partition, offset)
            self._next.pop(partition, None)
            self._read_to.pop(partition, None)
        self._resolve_at = 0.0

    def _resolve(self) -> None:
        """Positions the held partitions one by one, so that none waits for another's answer."""
        deadline = time.monotonic() + RESOLVE_TIME
        assigned = self.assigned()
        for partition, first_taken in list(self._unresolved.items()):
            del self._unresolved[partition]
            if partition not in assigned:
                continue
            try:
                self._position_at_start(partition, first_taken)
            except KafkaException as failure:
                self._unresolved[partition] = first_taken  # at the end: others get their turn
                log.warning(
                    "waiting for the start offset of partition %d: %s",
                    partition,
                    failure.args[0].str(),
                )
            if time.monotonic() > deadline:
                break
        self._resolve_at = time.monotonic() + RESOLVE_INTERVAL

    def _position_at_start(self, partition: int, first_taken: int | None) -> None:
        place = TopicPartition(self._topic, partition)
        start = resolve_start_offset(self._consumer, place, first_taken)
        at = TopicPartition(self._topic, partition, start.offset)
        if partition in self._stopped:  # the client cannot seek in it
            self._consumer.incremental_unassign([place])
            self._consumer.incremental_assign([at])
            self._stopped.discard(partition)
        else:
            self._consumer.seek(at)
        self._consumer.resume([place])
        self._next[partition] = start.offset
        if start.skipped:
            self._metrics.skipped(start.skipped)

    def _is_record(self, message: Any) -> bool:
        error = cast("KafkaError | None", message.error())
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            self._read_to[message.partition()] = message.offset()
            return False
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {self._topic} is gone: create it and start again")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            if message.partition() in self._unresolved:  # its record 0 was deleted long ago
                self._stopped.add(message.partition())
                self._resolve_at = 0.0
                return False
            self._identity.check_now()  # of a topic that was made again, that is no wonder
            raise WorkerFailed(
                f"the Kafka client has lost its place ({error.str()}): start again, and reading "
                "goes on at the group's offsets"
            )
        kafka_security.raise_if_denied(self._settings, error)
        if error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        log.warning("kafka consumer: %s", error.str())
        return False
