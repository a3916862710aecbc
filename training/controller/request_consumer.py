"""Consumes alerts, retraining requests and shadow comparisons. Owns the controller's consumer."""

import logging
from collections.abc import Mapping
from typing import Final, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as Place

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable, TopicUnavailable, WorkerFailed
from contract.settings import Settings
from training.controller.pending_requests import TopicPartition

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 1_000


class RequestConsumer:
    """Reads all partitions of its topics.

    Partitions are assigned without group membership, so the successor of a killed process need not
    wait for a session timeout.
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        resumed_topics: tuple[str, ...],
        replayed_topics: tuple[str, ...],
    ) -> None:
        """Assigns the partitions.

        Args:
            settings: of Kafka.
            group: consumer group of the committed offsets.
            resumed_topics: read from the group's committed offsets.
            replayed_topics: read from their beginning.

        Raises:
            BrokerUnreachable: partitions or offsets cannot be read.
        """
        self._consumer: Consumer = kafka.create_consumer(settings, group, enable_partition_eof=True)
        self._resumed_topics = resumed_topics
        try:
            resumed = self._partitions(resumed_topics, settings.kafka_timeout)
            replayed = self._partitions(replayed_topics, settings.kafka_timeout)
            for place in replayed:
                place.offset = OFFSET_BEGINNING
            positioned = kafka.resume_offsets(self._consumer, resumed, settings.kafka_timeout)
            self._consumer.assign([*positioned, *replayed])
        except KafkaException as failure:
            kafka_security.raise_if_denied(settings, failure.args[0])
            raise BrokerUnreachable(
                f"cannot read the offsets of group {group} at {settings.kafka_bootstrap} "
                f"({failure.args[0].str()}): check that the broker is running, and start again"
            ) from None
        self._lagging = {(place.topic, place.partition) for place in (*resumed, *replayed)}
        self._committed: dict[TopicPartition, int] = {}

    @property
    def caught_up(self) -> bool:
        """Whether every partition was read to its end once."""
        return not self._lagging

    def poll(self, timeout: float) -> list[Message]:
        """Returns up to 1,000 messages; waits for the first one for up to `timeout` seconds.

        Raises:
            TopicUnavailable: a topic was deleted.
            WorkerFailed: the client reported a fatal error.
        """
        messages = self._consumer.consume(1, timeout)
        if messages:
            messages += self._consumer.consume(BATCH_SIZE - 1, 0)
        records = []
        for message in messages:
            if message.error() is None:
                records.append(message)
            else:
                self._handle_error(message, cast(KafkaError, message.error()))
        return records

    def commit_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commits the offsets of the resumed topics. A failed commit is repeated with the next."""
        changed = {
            partition: offset
            for partition, offset in offsets.items()
            if partition[0] in self._resumed_topics
        }
        if not changed or changed == self._committed:
            return
        try:
            self._consumer.commit(
                offsets=[Place(*partition, offset) for partition, offset in changed.items()],
                asynchronous=False,
            )
            self._committed = changed
        except KafkaException as failure:  # a restart reads more again; nothing is lost
            log.warning("offset commit failed error=%s", failure.args[0].str())

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def _partitions(self, topics: tuple[str, ...], timeout: float) -> list[Place]:
        metadata = self._consumer.list_topics(timeout=timeout).topics
        return [
            Place(topic, partition)
            for topic in topics
            if topic in metadata
            for partition in metadata[topic].partitions
        ]

    def _handle_error(self, message: Message, error: KafkaError) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._lagging.discard((str(message.topic()), int(message.partition() or 0)))
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(
                f"topic {message.topic()} was deleted: create it and start again"
            )
        elif error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        else:
            log.warning("consumer error=%s", error.str())
