"""Consumes `alerts`, `retraining-requests` and the shadow comparisons. Owns the consumer."""

import logging
from collections.abc import Mapping
from typing import Final, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable, TopicUnavailable, WorkerFailed
from contract.settings import Settings
from training.loop.request import Place

log = logging.getLogger(__name__)

MOST: Final = 1_000


class Inbox:
    """Reads every partition of some topics on from the group's offsets, of others all there is.

    It takes the partitions without a membership: a process that was killed is replaced at once.
    """

    def __init__(
        self, settings: Settings, group: str, kept: tuple[str, ...], whole: tuple[str, ...]
    ) -> None:
        """`kept` go on at the group's offsets, `whole` begin anew. Raises `BrokerUnreachable`."""
        self._consumer: Consumer = kafka.create_consumer(settings, group, enable_partition_eof=True)
        self._kept = kept
        try:
            places = [self._places(each, settings.kafka_timeout) for each in (kept, whole)]
            for place in places[1]:
                place.offset = OFFSET_BEGINNING
            goes_on = kafka.resume_offsets(self._consumer, places[0], settings.kafka_timeout)
            self._consumer.assign([*goes_on, *places[1]])
        except KafkaException as failure:
            kafka_security.raise_if_denied(settings, failure.args[0])
            raise BrokerUnreachable(
                f"the broker at {settings.kafka_bootstrap} does not say where to go on "
                f"({failure.args[0].str()}): see to it, and start again"
            ) from None
        self._unread = {(each.topic, each.partition) for each in (*places[0], *places[1])}
        self._committed: dict[Place, int] = {}

    @property
    def caught_up(self) -> bool:
        """Whether all that was there at the start has been read."""
        return not self._unread

    def take(self, seconds: float) -> list[KafkaMessage]:
        """Messages that are there, waiting at most `seconds` for a first one.

        Raises `TopicUnavailable` when a topic is gone, `WorkerFailed` on a fatal client error.
        """
        messages = self._consumer.consume(1, seconds)
        if messages:
            messages += self._consumer.consume(MOST - 1, 0)
        good = []
        for message in messages:
            if message.error() is None:
                good.append(message)
            else:
                self._see_to(message, cast(KafkaError, message.error()))
        return good

    def commit(self, offsets: Mapping[Place, int]) -> None:
        """Commits where a process that takes over begins. What fails is done again at the next."""
        news = {place: each for place, each in offsets.items() if place[0] in self._kept}
        if not news or news == self._committed:
            return
        try:
            self._consumer.commit(
                offsets=[TopicPartition(*place, each) for place, each in news.items()],
                asynchronous=False,
            )
            self._committed = news
        except KafkaException as failure:  # the next start reads more again; nothing is lost
            log.warning("offsets are not committed: %s", failure.args[0].str())

    def close(self) -> None:
        """Leaves the broker."""
        self._consumer.close()

    def _places(self, topics: tuple[str, ...], timeout: float) -> list[TopicPartition]:
        known = self._consumer.list_topics(timeout=timeout).topics
        return [
            TopicPartition(topic, partition)
            for topic in topics
            if topic in known
            for partition in known[topic].partitions
        ]

    def _see_to(self, message: KafkaMessage, error: KafkaError) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._unread.discard((str(message.topic()), int(message.partition() or 0)))
        elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicUnavailable(f"topic {message.topic()} is gone: create it and start again")
        elif error.fatal():
            raise WorkerFailed(f"the Kafka consumer failed ({error.str()}): start again")
        else:
            log.warning("kafka consumer: %s", error.str())
