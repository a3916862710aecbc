"""`customers` -> batches of raw messages; a batch can be taken back. Owns the consumer."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from contract import kafka, kafka_login
from contract.errors import TopicUnavailable, WorkerFailed
from contract.topics import Topic
from stream_app.metrics import ScorerMetrics
from stream_app.scoring.message import Message
from stream_app.settings import ScorerSettings
from stream_app.transport.identity import Identity
from stream_app.transport.starts import PATIENCE, starts, until_told

log = logging.getLogger(__name__)

METADATA_REFRESH_MS: Final = 10_000
"""How soon a partition that is added is read; nothing of it is lost meanwhile."""

UNSAID: Final = OFFSET_INVALID
"""The client asks for the group's offset itself."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction will hold.

    Attributes:
        messages: in the order of their partitions.
        next_offsets: where reading goes on in each partition once the batch is committed.
        group: the membership under which the messages were read. It is asked for *before* they
            are, so that a batch read under a lost membership is fenced, not written twice; of a
            worker's first partitions as they come, within the call that reads them.
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
        self._most = settings.batch_records
        self._metrics = metrics
        self._identity = Identity(settings, topic.name)
        self._consumer: Consumer = kafka.consumer(
            settings,
            settings.scorer_group,
            auto_offset_reset="error",  # never by itself: see `starts`
            session_timeout_ms=round(settings.session_timeout * 1000),
            heartbeat_interval_ms=round(settings.session_timeout * 1000 / 4),
            topic_metadata_refresh_interval_ms=METADATA_REFRESH_MS,
            **({"group_instance_id": settings.worker_id} if settings.static_membership else {}),
        )
        self._next: dict[int, int] = {}
        self._no_member = self._consumer.consumer_group_metadata()
        self._group = self._no_member
        self._had_some = False
        self._closing = threading.Event()
        self.joined = False
        self._consumer.subscribe([topic.name], on_assign=self._assigned)

    def take(self, seconds: float) -> Batch | None:
        """The messages that are there; waits at most `seconds` for a first one.

        Raises `TopicUnavailable` when the topic is gone or another one, `AccessDenied` when it is
        not ours to read, `WorkerFailed` on a fatal client error.
        """
        self._identity.check()
        self._ask_for_group()
        messages = self._consumer.consume(self._most, 0)
        if not messages and seconds:
            messages = self._consumer.consume(1, seconds)
            if messages and self._most > 1:
                messages += self._consumer.consume(self._most - 1, 0)
        if any([message.error() for message in messages]):  # noqa: C419  a list is twice as fast
            messages = [message for message in messages if self._is_record(message)]
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

        Reading goes on at the group's own offsets. The batches' would not do: while they were in
        hand their partitions may have been another member's, which has committed them.

        Raises `WorkerFailed` where the client cannot; a restart then reads them again.
        """
        first: dict[int, int] = {}
        for batch in batches:
            for message in batch.messages:
                partition, offset = message.partition(), message.offset()
                first[partition] = min(offset, first.get(partition, offset))
        places = [TopicPartition(self._topic, part) for part in first.keys() & self.assigned()]
        if not places:
            return
        found = until_told(
            lambda: kafka.committed(self._consumer, places, PATIENCE), self._closing.is_set
        )
        for place in found:
            if place.offset < 0:  # nobody has committed any, so that was the first batch
                place.offset = first[place.partition]
            try:
                self._consumer.seek(place)
            except KafkaException as failure:
                raise WorkerFailed(
                    f"cannot read a batch again ({failure.args[0].str()}): start again"
                ) from None
            self._next[place.partition] = place.offset

    def lag(self) -> dict[int, int]:
        """Records not yet taken, by partition."""
        lag = {}
        for partition in self._next.keys() & self.assigned():
            _, high = self._consumer.get_watermark_offsets(
                TopicPartition(self._topic, partition), cached=True
            )
            lag[partition] = max(0, high - self._next[partition])
        return lag

    def assigned(self) -> set[int]:
        """The partitions that this member reads."""
        return {part.partition for part in self._consumer.assignment()}

    def give_up(self) -> None:
        """Ends the wait for a broker that is away; from any thread."""
        self._closing.set()

    def close(self) -> None:
        """Leaves the group at once, unless the membership is static."""
        self._consumer.close()

    def _ask_for_group(self) -> None:
        """Without a membership the one before stays: of no member the broker takes any offsets."""
        now = self._consumer.consumer_group_metadata()
        if now != self._no_member:
            self._group = now

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        log.info("assigned partitions %s", sorted(part.partition for part in partitions))
        for part in partitions:  # what another member left may be less than we once took
            self._next.pop(part.partition, None)
        if not self._had_some:  # else this call may already hold what an older membership read
            self._ask_for_group()
            self._had_some = bool(partitions)
        offsets: dict[int, int] = {}
        for start in starts(consumer, partitions):
            offsets[start.partition] = start.offset
            if start.offset >= 0:
                self._next[start.partition] = start.offset
            if start.skipped:
                self._metrics.skipped(start.skipped)
        consumer.incremental_assign(
            [
                TopicPartition(self._topic, part.partition, offsets.get(part.partition, UNSAID))
                for part in partitions
            ]
        )
        self.joined = True

    def _is_record(self, message: Any) -> bool:
        error = cast("KafkaError | None", message.error())
        if error is None:
            return True
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {self._topic} is gone: create it and start again")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            self._identity.check_now()  # of a topic that was made again, that is no wonder
            raise WorkerFailed(
                f"the Kafka client has lost its place ({error.str()}): start again, and reading "
                "goes on at the group's offsets"
            )
        kafka_login.check(self._settings, error)
        if error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        log.warning("kafka consumer: %s", error.str())
        return False
