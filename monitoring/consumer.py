"""The monitoring's topics -> message batches by partition. Owns the Kafka consumer."""

import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, cast

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import Message as KafkaMessage
from confluent_kafka import TopicPartition as KafkaTopicPartition

from contract import kafka, kafka_security
from contract.errors import (
    BrokerUnreachable,
    SchemaRegistryUnavailable,
    TopicUnavailable,
    WorkerFailed,
)
from contract.partition_watch import OpenTransaction, PartitionEnd, PartitionWatch
from contract.starvation import PartitionStarvation
from contract.topic_decoder import TopicDecoder
from contract.topic_encodings import customer_decoder, outcome_decoder
from contract.topics import Topic
from monitoring.settings import MonitoringSettings
from monitoring.windows.batch import MessageBatch, TopicPartition
from monitoring.windows.position import Position

log = logging.getLogger(__name__)

MAX_POLL_RECORDS: Final = 10_000

RETRY_INTERVAL: Final = 1.0
"""Seconds between two attempts to find the schemas of messages."""


class StreamConsumer:
    """Reads every partition of the topics, and knows which are read to their end.

    It assigns itself the partitions, without group membership, as a window needs all of them. A
    process that was killed is replaced at once, not after its session has timed out. The group
    only keeps the offsets.
    """

    def __init__(self, settings: MonitoringSettings, topics: Iterable[Topic]) -> None:
        """Continues from the committed offsets. Records are read as their schema maps them.

        Raises:
            BrokerUnreachable: The broker does not answer.
            AccessDenied: The broker refuses the user.
        """
        self._settings = settings
        self._address = settings.kafka_bootstrap
        self._timeout = settings.kafka_timeout
        self._topics = [topic.name for topic in topics]
        self._decoders: dict[str, TopicDecoder[Any]] = {
            settings.topic_customers: customer_decoder(settings),
            settings.topic_outcomes: outcome_decoder(settings),
        }
        self._registered = {
            topic: decoder for topic, decoder in self._decoders.items() if decoder.needs_schemas
        }
        self._consumer: Consumer = kafka.create_consumer(
            settings, settings.monitoring_group, enable_partition_eof=True
        )
        self.waits_for = ""
        """Why messages are held back; empty if none are."""
        self._at_end: set[TopicPartition] = set()
        self._paused: set[TopicPartition] = set()
        self._positions: defaultdict[TopicPartition, Position] = defaultdict(Position)
        self._assigned: set[TopicPartition] = set()
        self._read_to: dict[TopicPartition, int] = {}
        self._starvation: PartitionStarvation[TopicPartition] = PartitionStarvation()
        self._watch = PartitionWatch(settings)
        self.assign_new_partitions()
        self._watch.start()

    def assign_new_partitions(self) -> None:
        """Assigns the partitions that are not assigned yet. Raises `BrokerUnreachable`."""
        try:
            metadata = self._consumer.list_topics(timeout=self._timeout).topics
            new = [
                KafkaTopicPartition(topic, partition)
                for topic in self._topics
                if topic in metadata
                for partition in metadata[topic].partitions
                if (topic, partition) not in self._assigned
            ]
            if new:
                starts = kafka.resume_offsets(self._consumer, new, self._timeout)
                self._consumer.incremental_assign(starts)
                for start in starts:  # negative: the oldest record, wherever that is
                    self._read_to[start.topic, start.partition] = max(0, start.offset)
        except KafkaException as failure:
            kafka_security.raise_if_denied(self._settings, failure.args[0])
            raise BrokerUnreachable(
                f"cannot read the partitions and committed offsets from {self._address} "
                f"({failure.args[0].str()}): check that the broker is running, and start again"
            ) from None
        self._assigned |= {(each.topic, each.partition) for each in new}
        self._watch.watch_partitions(self._assigned)

    def poll(self, timeout: float) -> list[MessageBatch]:
        """Reads the messages that have arrived.

        Args:
            timeout: Seconds to wait for a first message.

        Raises:
            TopicUnavailable: A topic was deleted.
            WorkerFailed: The Kafka client had a fatal error.
        """
        messages = self._consumer.consume(1, timeout)
        if messages:
            messages += self._consumer.consume(MAX_POLL_RECORDS - 1, 0)
        by_partition: defaultdict[TopicPartition, list[KafkaMessage]] = defaultdict(list)
        held = self._hold_undecodable(messages)
        for message in messages:
            partition = cast(TopicPartition, (message.topic(), message.partition()))
            if partition in held:
                continue
            if message.error() is None:
                self._at_end.discard(partition)  # in order: the end may be in the same batch
                by_partition[partition].append(message)
            else:
                self._handle_error(partition, message)
        self._starvation.record_delivery((*by_partition, *held))
        if len(messages) < MAX_POLL_RECORDS:
            self._starvation.record_drained(time.monotonic())
        if held:
            time.sleep(RETRY_INTERVAL)
        return [self._batch(partition, batch) for partition, batch in by_partition.items()]

    def _hold_undecodable(self, messages: Sequence[KafkaMessage]) -> set[TopicPartition]:
        """The partitions with messages whose schema is not known: they are read again."""
        held: set[TopicPartition] = set()
        for topic, decoder in self._registered.items():
            records = [each for each in messages if each.topic() == topic and each.error() is None]
            if not decoder.has_unresolved(records):
                continue
            try:
                decoder.resolve(records)
            except SchemaRegistryUnavailable as failure:  # logged
                self.waits_for = str(failure)
                first_offsets: dict[int, int] = {}
                for record in records:
                    first_offsets.setdefault(record.partition() or 0, record.offset() or 0)
                for partition, offset in first_offsets.items():
                    self._consumer.seek(KafkaTopicPartition(topic, partition, offset))
                    self._at_end.discard((topic, partition))
                    held.add((topic, partition))
        if messages and not held:
            self.waits_for = ""
        return held

    def unread_partitions(self) -> set[TopicPartition]:
        """Partitions that have records to read or, while they are paused, may have some."""
        with_records = {
            partition
            for partition, end in self.ends.items()
            if end.last_stable > self._position(partition)
        }
        return with_records | (self._assigned - (self._at_end - self._paused))

    def held_partitions(self) -> dict[TopicPartition, int]:
        """Partitions read up to an open transaction, or whose end is not known yet.

        Returns:
            The offset at which reading waits, by partition.
        """
        ends = self.ends
        positions = {partition: self._position(partition) for partition in self._assigned}
        return {
            partition: position
            for partition, position in positions.items()
            if partition not in ends
            or ends[partition].last_stable <= position < ends[partition].end
        }

    def pause_only(self, partitions: Collection[TopicPartition]) -> None:
        """Pauses these partitions and resumes all others."""
        paused = set(partitions) & self._assigned
        if new := paused - self._paused:
            self._consumer.pause([KafkaTopicPartition(*partition) for partition in new])
        if resumed := self._paused - paused:
            self._consumer.resume([KafkaTopicPartition(*partition) for partition in resumed])
        self._paused = paused

    def lag(self) -> dict[TopicPartition, int]:
        """Unread records by partition; 0 before the first is read."""
        lag = {}
        for partition, position in self.positions().items():
            _, high = self._consumer.get_watermark_offsets(
                KafkaTopicPartition(*partition), cached=True
            )
            lag[partition] = (
                0
                if position.next_offset is None
                else position.estimate_records(position.next_offset, high)
            )
        return lag

    def check_progress(self) -> None:
        """Checks that every partition delivers. To be called about once a second.

        Raises:
            WorkerFailed: A partition has had records to read and delivered none for
                INTENT_PROGRESS_TIMEOUT.
        """
        self._starvation.set_partitions_with_records(
            partition
            for partition, end in self.ends.items()
            if end.last_stable > self._position(partition) and partition not in self._paused
        )
        longest = self._starvation.longest
        if longest is None:
            return
        (topic, partition), since = longest
        seconds = time.monotonic() - since
        if seconds > self._settings.progress_timeout:
            raise WorkerFailed(
                f"{topic}, partition {partition} has records to read and none came for "
                f"{seconds:.0f} s (INTENT_PROGRESS_TIMEOUT={self._settings.progress_timeout:g}): "
                "check that the broker is running, and start again"
            )

    @property
    def ends(self) -> Mapping[TopicPartition, PartitionEnd]:
        """Where the partitions end, as far as the broker has said."""
        return self._watch.ends

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """The transactions that hold back a partition."""
        return self._watch.open_transactions

    def positions(self) -> dict[TopicPartition, Position]:
        """How far each partition is read."""
        return {partition: self._positions[partition] for partition in self._assigned}

    def commit(self, required: Mapping[TopicPartition, int], wait: bool = False) -> None:
        """Commits the offsets from which a restarted process must read.

        Args:
            required: Offsets by partition. Other partitions are committed as far as they are read.
            wait: Whether to wait for the broker's answer.
        """
        offsets = [
            KafkaTopicPartition(*partition, required.get(partition, position.next_offset))
            for partition, position in self._positions.items()
            if position.next_offset is not None
        ]
        if not offsets:
            return
        try:
            if wait:
                self._consumer.commit(offsets=offsets, asynchronous=False)
            else:
                self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as failure:  # the next process reads more again; nothing is lost
            log.warning("offsets not committed error=%s", failure.args[0].str())

    def close(self) -> None:
        """Disconnects from the broker."""
        self._watch.stop()
        self._consumer.close()

    def _position(self, partition: TopicPartition) -> int:
        """The offset up to which a partition was read, aborted records and markers included."""
        return max(self._positions[partition].next_offset or 0, self._read_to[partition])

    def _batch(self, partition: TopicPartition, messages: list[KafkaMessage]) -> MessageBatch:
        offsets = [message.offset() for message in messages]
        position = self._positions[partition]
        self._positions[partition] = position.after_records(len(offsets), offsets[0], offsets[-1])  # type: ignore[arg-type]
        decoder = self._decoders.get(partition[0])
        values = (
            decoder.json_values(messages) if decoder else [message.value() for message in messages]
        )
        timestamps = [message.timestamp()[1] for message in messages]
        return MessageBatch(partition, values, offsets, timestamps)  # type: ignore[arg-type]

    def _handle_error(self, partition: TopicPartition, message: KafkaMessage) -> None:
        error = cast(KafkaError, message.error())
        kafka_security.raise_if_denied(self._settings, error)
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(partition)
            end = cast(int, message.offset())
            self._read_to[partition] = end
            self._positions[partition] = self._positions[partition].at_end(end)
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {partition[0]} was deleted: create it and start again")
        elif error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        else:
            log.warning("kafka consumer error=%s", error.str())
