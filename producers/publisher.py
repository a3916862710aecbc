"""Produces simulated or replayed records to Kafka. A failed delivery ends the process."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, Message

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.settings import Settings
from contract.topic_encodings import topic_writers
from contract.topics import Topics
from producers.metrics import ProducerMetrics

log = logging.getLogger(__name__)

FLUSH_INTERVAL: Final = 1.0
"""Seconds between two checks for failed deliveries while all are awaited."""


@dataclass(frozen=True)
class RecordSink:
    """Producer, topics and metrics of a run."""

    publisher: "Publisher"
    topics: Topics
    metrics: ProducerMetrics


class Publisher:
    """Produces messages to any topic. A failed delivery raises in a later call."""

    def __init__(self, settings: Settings) -> None:
        """Finds the schemas of topics in other encodings than JSON.

        Raises:
            PipelineError: As `topic_writers`.
        """
        self._settings = settings
        self._address = settings.kafka_bootstrap
        self._errors: list[KafkaError] = []
        self._writers = topic_writers(settings)
        # Only failures are reported: a callback per delivery halves the rate.
        self._producer = kafka.create_producer(
            settings, delivery_report_only_error=True, on_delivery=self._on_delivery
        )

    def publish(
        self,
        topic: str,
        messages: Sequence[tuple[bytes | None, bytes | None]],
        timestamps: Sequence[int] | None = None,
    ) -> None:
        """Queues messages. Blocks while the queue is full.

        Args:
            topic: Name of the topic.
            messages: Keys, and values in JSON.
            timestamps: Timestamps in ms; by default the time of the call.

        Raises:
            BrokerUnreachable: A message of this or an earlier call was not delivered.
            SchemaRejected: The topic's schema cannot hold a record.
        """
        if writer := self._writers.get(topic):
            messages = [(key, writer.encode(value)) for key, value in messages]
        if timestamps is None:
            batch = [{"key": key, "value": value} for key, value in messages]
            kafka.produce_batch(self._producer, topic, batch)
        else:
            for (key, value), timestamp in zip(messages, timestamps, strict=True):
                kafka.produce(self._producer, topic, value, key=key, timestamp=timestamp)
        self._producer.poll(0)
        self._raise_on_failure()

    def flush(self, seconds: float = 120.0) -> None:
        """Waits until all messages are delivered.

        Raises:
            BrokerUnreachable: A message was not delivered within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while left := self._producer.flush(FLUSH_INTERVAL):
            self._raise_on_failure()
            if time.monotonic() > deadline:
                self._producer.purge()  # otherwise it retries as long as it exists
                self._producer.close()
                raise BrokerUnreachable(
                    f"{left} records could not be delivered to {self._address}: check the broker"
                )
        self._raise_on_failure()

    def _on_delivery(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._errors.append(error)

    def _raise_on_failure(self) -> None:
        if self._errors:
            kafka_security.raise_if_denied(self._settings, self._errors[0])
            raise BrokerUnreachable(
                f"{len(self._errors)} records could not be delivered to {self._address} "
                f"({self._errors[0].str()}): check the broker and publish them again"
            )
