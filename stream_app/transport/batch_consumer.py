"""Reads `customers` in batches of raw messages, and can rewind to a batch. Owns the consumer."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
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
from stream_app.transport.start_offsets import resolve_start_offset
from stream_app.transport.topic_id_watcher import TopicIdWatcher

log = logging.getLogger(__name__)

METADATA_REFRESH_MS: Final = 10_000
"""A partition that is added to the topic is read within this time, from its first record."""

RESOLVE_INTERVAL: Final = 1.0
"""Seconds between two attempts to resolve start offsets that the broker did not return."""

RESOLVE_TIMEOUT: Final = 3.0
"""Seconds for which one attempt may delay the other partitions."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of one transaction.

    Attributes:
        messages: The records to score, in the order of their partitions.
        next_offsets: Offsets to commit with the batch: where each partition continues.
        group: Group metadata under which the messages were read. It is requested *before* they are,
            so that the broker fences a batch that was read under a lost membership.
        full: The batch has the maximum size, so more messages were probably waiting.
        tombstones: Messages without a value that the settings say to skip: they have no result.
    """

    messages: list[Message]
    next_offsets: list[TopicPartition]
    group: Any
    full: bool
    tombstones: Sequence[Message] = ()


class BatchConsumer:
    """A member of the scorer's consumer group. Not thread-safe: one thread at a time."""

    def __init__(self, settings: ScorerSettings, topic: Topic, metrics: ScorerMetrics) -> None:
        self._settings = settings
        self._topic = topic.name
        self._max_records = settings.batch_max_records
        self._metrics = metrics
        self._topic_id_watcher = TopicIdWatcher(settings, topic.name)
        self._consumer: Consumer = kafka.create_consumer(
            settings,
            settings.scorer_group,
            auto_offset_reset="error",  # see `start_offsets`
            enable_partition_eof=True,  # transaction markers at the end are not records to read
            session_timeout_ms=round(settings.session_timeout * 1000),
            heartbeat_interval_ms=round(settings.session_timeout * 1000 / 4),
            # also the maximum time between two polls: the watchdog ends a stuck worker before that
            max_poll_interval_ms=round(settings.longest_rebalance * 1000),
            topic_metadata_refresh_interval_ms=METADATA_REFRESH_MS,
            **({"group_instance_id": settings.worker_id} if settings.static_membership else {}),
        )
        self._next_offsets: dict[int, int] = {}
        self._end_of_partition: dict[int, int] = {}
        self._unresolved: dict[int, int | None] = {}
        self._stopped: set[int] = set()
        self._resolve_at = 0.0
        self._no_member = self._consumer.consumer_group_metadata()
        self._group = self._no_member
        self._partition_watch = PartitionWatch(settings)
        self._partition_watch.start()
        self.has_assignment = False
        self._consumer.subscribe([topic.name], on_assign=self._on_assign, on_lost=self._on_lost)

    def poll_batch(self, timeout: float, resolve: bool = True) -> Batch | None:
        """Returns the messages that are queued; None if there is none within `timeout` seconds.

        Args:
            timeout: Seconds. With 0 it does not wait for the broker, and resolves no start offsets:
                see `start_offsets_resolved`.
            resolve: Whether to resolve start offsets. Not while a batch is pending: its records
                would be read again if its offsets are not committed yet.

        Raises:
            TopicUnavailable: The topic was deleted, or deleted and created again.
            AccessDenied: This user may not read the topic.
            WorkerFailed: The client has a fatal error, or has lost its position.
        """
        self._topic_id_watcher.check()
        self._update_group()
        if resolve and timeout and self._unresolved and time.monotonic() >= self._resolve_at:
            self._resolve_start_offsets()
        messages = self._consumer.consume(self._max_records, 0)
        if not messages and timeout:
            messages = self._consumer.consume(1, timeout)
            if messages and self._max_records > 1:
                messages += self._consumer.consume(self._max_records - 1, 0)
        if any([message.error() for message in messages]):  # noqa: C419  a list is twice as fast
            messages = [message for message in messages if self._is_record(message)]
        if self._unresolved:  # their messages are not at the start offset
            messages = [each for each in messages if each.partition() not in self._unresolved]
        records = cast("list[Message]", messages)
        if not records:
            return None
        if self._group == self._no_member:
            raise WorkerFailed("lost its membership during the assignment: start again")
        # Not the client's own positions: after a rewind they are ahead of what was returned.
        next_offsets = self._offsets_after(records)
        self._next_offsets.update(next_offsets)
        tombstones = []
        if self._settings.skip_tombstones:
            tombstones = [record for record in records if record.value() is None]
        return Batch(
            [record for record in records if record.value() is not None] if tombstones else records,
            [TopicPartition(self._topic, *position) for position in next_offsets.items()],
            self._group,
            full=len(records) == self._max_records,
            tombstones=tombstones,
        )

    def _offsets_after(self, records: Iterable[Message]) -> dict[int, int]:
        """The next offset of each partition in `records`.

        After a broker was killed, the client can take its log for truncated and restart at the
        beginning. Such records were scored long ago. A restarted worker reads at the committed
        offsets.

        Raises:
            WorkerFailed: The client went back to an earlier offset by itself.
        """
        next_offsets: dict[int, int] = {}
        for message in records:
            partition, offset = message.partition(), message.offset()
            expected = next_offsets.get(partition) or self._next_offsets.get(partition, 0)
            if offset < expected:
                raise WorkerFailed(
                    f"the Kafka client went back in partition {partition}, from offset {expected} "
                    f"to {offset}: start again"
                )
            next_offsets[partition] = offset + 1
        return next_offsets

    def rewind(self, batches: Iterable[Batch]) -> None:
        """Reads these batches, and all that was read after them, again.

        Reading continues at the committed offsets of the group. The offsets of the batches would
        not do: meanwhile another member may have been assigned the partitions and committed them.
        """
        first_offsets: dict[int, int] = {}
        for batch in batches:
            for message in (*batch.messages, *batch.tombstones):
                partition, offset = message.partition(), message.offset()
                first_offsets[partition] = min(offset, first_offsets.get(partition, offset))
        assigned = self.assigned_partitions()
        self._hold(
            {
                partition: offset
                for partition, offset in first_offsets.items()
                if partition in assigned
            }
        )

    @property
    def start_offsets_resolved(self) -> bool:
        """Whether the start offset of each assigned partition is known."""
        return not self._unresolved

    @property
    def partition_ends(self) -> Mapping[int, PartitionEnd]:
        """Last stable offset and end of the assigned partitions, as last reported by the broker."""
        return {partition: end for (_, partition), end in self._partition_watch.ends.items()}

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """Transactions that hold back the last stable offset of an assigned partition."""
        return self._partition_watch.open_transactions

    def lag(self) -> dict[int, int]:
        """Offsets up to the last stable one that are still unread, by partition.

        Partitions whose start offset or end is unknown are left out. Call it about once a second:
        it also updates which partitions are watched.
        """
        assigned = self.assigned_partitions()
        self._partition_watch.watch_partitions((self._topic, partition) for partition in assigned)
        return {
            partition: max(0, end.last_stable - self._position(partition))
            for partition, end in self.partition_ends.items()
            if partition in assigned and partition not in self._unresolved
        }

    def set_offset_metrics(self, lag: Mapping[int, int]) -> None:
        """Sets the metrics of lag, partition ends and open transactions."""
        self._metrics.set_offsets(lag, self.partition_ends, self.open_transactions)

    def partitions_with_records(self, lag: Mapping[int, int]) -> set[int]:
        """Partitions with unread records, or that may have some: their start offset is unknown."""
        return {partition for partition, records in lag.items() if records} | {
            *self._unresolved.keys() & self.assigned_partitions()
        }

    def assigned_partitions(self) -> set[int]:
        """The partitions that are assigned to this member."""
        return {place.partition for place in self._consumer.assignment()}

    def close(self) -> None:
        """Leaves the group at once, unless the membership is static."""
        self._partition_watch.stop()
        self._consumer.close()

    def _position(self, partition: int) -> int:
        """The offset up to which a partition was read, aborted records and markers included."""
        return max(self._next_offsets.get(partition, 0), self._end_of_partition.get(partition, 0))

    def _update_group(self) -> None:
        """Keeps the last membership while there is none: a broker accepts offsets of no member."""
        group = self._consumer.consumer_group_metadata()
        if group != self._no_member:
            self._group = group

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Assigns the partitions, paused until their start offsets are resolved.

        A rebalance must not wait for the broker. Nor may the client fetch the committed offsets by
        itself: it asks once, and never reads the partition if that fails (decision 21).
        """
        log.info("assigned partitions=%s", sorted(place.partition for place in partitions))
        for place in partitions:  # another member may have committed less than was read here
            self._unresolved.pop(place.partition, None)
            self._stopped.discard(place.partition)
        # Paused before they are assigned: the client fetches nothing of a paused partition. With an
        # explicit offset it does not ask the broker for one.
        self._hold({place.partition: None for place in partitions})
        consumer.incremental_assign(
            [TopicPartition(self._topic, place.partition, 0) for place in partitions]
        )
        self.has_assignment = True

    def _on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """The group continued without this member, which then joins it again."""
        log.warning("lost partitions=%s", sorted(place.partition for place in partitions))
        self.has_assignment = False

    def _hold(self, first_offsets: Mapping[int, int | None]) -> None:
        """Returns no messages of these partitions until their start offsets are resolved."""
        if not first_offsets:
            return
        self._consumer.pause([TopicPartition(self._topic, each) for each in first_offsets])
        for partition, offset in first_offsets.items():
            self._unresolved.setdefault(partition, offset)
            self._next_offsets.pop(partition, None)
            self._end_of_partition.pop(partition, None)
        self._resolve_at = 0.0

    def _resolve_start_offsets(self) -> None:
        """Resolves partition by partition, so that none waits for the answer for another."""
        deadline = time.monotonic() + RESOLVE_TIMEOUT
        assigned = self.assigned_partitions()
        for partition, first_offset in list(self._unresolved.items()):
            del self._unresolved[partition]
            if partition not in assigned:
                continue
            try:
                self._seek_to_start(partition, first_offset)
            except KafkaException as failure:
                self._unresolved[partition] = first_offset  # last: the others are next
                log.warning(
                    "waiting for the start offset: partition=%d error=%s",
                    partition,
                    failure.args[0].str(),
                )
            if time.monotonic() > deadline:
                break
        self._resolve_at = time.monotonic() + RESOLVE_INTERVAL

    def _seek_to_start(self, partition: int, first_offset: int | None) -> None:
        place = TopicPartition(self._topic, partition)
        start = resolve_start_offset(self._consumer, place, first_offset)
        start_place = TopicPartition(self._topic, partition, start.offset)
        if partition in self._stopped:  # the client cannot seek in it
            self._consumer.incremental_unassign([place])
            self._consumer.incremental_assign([start_place])
            self._stopped.discard(partition)
        else:
            self._consumer.seek(start_place)
        self._consumer.resume([place])
        self._next_offsets[partition] = start.offset
        if start.skipped:
            self._metrics.add_skipped_records(start.skipped)

    def _is_record(self, message: Any) -> bool:
        error = cast("KafkaError | None", message.error())
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            self._end_of_partition[message.partition()] = message.offset()
            return False
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {self._topic} was deleted: create it, then start again")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            if message.partition() in self._unresolved:  # its record 0 was deleted long ago
                self._stopped.add(message.partition())
                self._resolve_at = 0.0
                return False
            self._topic_id_watcher.check_now()  # expected of a topic that was created again
            raise WorkerFailed(
                f"the Kafka client has lost its position ({error.str()}): start again, reading "
                "continues at the committed offsets of the group"
            )
        kafka_security.raise_if_denied(self._settings, error)
        if error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        log.warning("kafka consumer reported error=%s", error.str())
        return False
