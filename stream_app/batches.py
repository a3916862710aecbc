"""`customers` -> batches of raw messages; a batch can be taken back. Owns the consumer."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from contract import kafka
from contract.errors import TopicUnavailable, WorkerFailed
from contract.topics import Topic
from stream_app.message import Message
from stream_app.settings import ScorerSettings

log = logging.getLogger(__name__)


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

    def __init__(self, settings: ScorerSettings, topic: Topic) -> None:
        self._topic = topic.name
        self._most = settings.batch_records
        self._consumer: Consumer = kafka.consumer(settings, settings.scorer_group)
        self._consumer.subscribe([topic.name], on_assign=self._assigned)
        self._next: dict[int, int] = {}
        self.joined = False

    def take(self, seconds: float) -> Batch | None:
        """The messages that are there; waits at most `seconds` for a first one.

        Raises `TopicUnavailable` when the topic is gone, `WorkerFailed` on a fatal client error.
        """
        group = self._consumer.consumer_group_metadata()
        messages = self._consumer.consume(self._most, 0)
        if not messages and seconds:
            messages = self._consumer.consume(1, seconds)
            if messages and self._most > 1:
                messages += self._consumer.consume(self._most - 1, 0)
        if any(message.error() is not None for message in messages):
            messages = [message for message in messages if self._is_record(message)]
        records = cast("list[Message]", messages)
        if not records:
            return None
        # Not the client's own positions: after a rewind they run ahead of what was taken.
        last = {message.partition(): message.offset() for message in records}
        after = {partition: offset + 1 for partition, offset in last.items()}
        self._next.update(after)
        return Batch(
            records,
            [TopicPartition(self._topic, *position) for position in after.items()],
            group,
            full=len(records) == self._most,
        )

    def rewind(self, batches: Iterable[Batch]) -> None:
        """Reads these batches again, all that were taken since the first of them.

        Raises `WorkerFailed` where the client cannot; a restart then reads them again.
        """
        first: dict[int, int] = {}
        for batch in batches:
            for message in batch.messages:
                partition, offset = message.partition(), message.offset()
                first[partition] = min(offset, first.get(partition, offset))
        for partition in first.keys() & self.assigned():
            try:
                self._consumer.seek(TopicPartition(self._topic, partition, first[partition]))
            except KafkaException as failure:
                raise WorkerFailed(
                    f"cannot read partition {partition} again ({failure.args[0].str()}): "
                    "start again"
                ) from None

    def lag(self) -> dict[int, int]:
        """Records not yet taken, by partition, for those that something was taken from."""
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

    def close(self) -> None:
        """Leaves the group at once."""
        self._consumer.close()

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self.joined = True
        log.info("assigned partitions %s", sorted(part.partition for part in partitions))

    def _is_record(self, message: Any) -> bool:
        error = cast("KafkaError | None", message.error())
        if error is None:
            return True
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {self._topic} is gone: create it and start again")
        if error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        log.warning("kafka consumer: %s", error.str())
        return False
