"""Simulated or replayed records -> Kafka, each delivered or the process stops."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, Message

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.settings import Settings
from contract.topics import Topics
from producers.metrics import ProducerMetrics

log = logging.getLogger(__name__)

FLUSH_STEP: Final = 1.0


@dataclass(frozen=True)
class Outlet:
    """Where a run publishes, and what counts it."""

    publisher: "Publisher"
    topics: Topics
    metrics: ProducerMetrics


class Publisher:
    """Publishes to any topic. Nothing is given up silently: a failed delivery raises."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = settings.kafka_bootstrap
        self._faults: list[KafkaError] = []
        # Only failures are reported: a callback for each delivery would halve the rate.
        self._producer = kafka.create_producer(
            settings, delivery_report_only_error=True, on_delivery=self._failed
        )

    def publish(
        self,
        topic: str,
        messages: Sequence[tuple[bytes | None, bytes | None]],
        timestamps: Sequence[int] | None = None,
    ) -> None:
        """Queues messages of key and value, with a timestamp (ms) each or that of this moment.

        Waits while the queue is full. Raises `BrokerUnreachable` when one of this or of an earlier
        call was not delivered.
        """
        if timestamps is None:
            batch = [{"key": key, "value": value} for key, value in messages]
            kafka.produce_batch(self._producer, topic, batch)
        else:
            for (key, value), timestamp in zip(messages, timestamps, strict=True):
                kafka.produce(self._producer, topic, value, key=key, timestamp=timestamp)
        self._producer.poll(0)
        self._check()

    def flush(self, seconds: float = 120.0) -> None:
        """Waits until all is delivered. Raises `BrokerUnreachable` if it is not in time."""
        deadline = time.monotonic() + seconds
        while left := self._producer.flush(FLUSH_STEP):
            self._check()
            if time.monotonic() > deadline:
                self._producer.purge()  # or it goes on trying for as long as it is kept
                self._producer.close()
                raise BrokerUnreachable(
                    f"{left} records could not be delivered to {self._address}: see to the broker"
                )
        self._check()

    def _failed(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._faults.append(error)

    def _check(self) -> None:
        if self._faults:
            kafka_security.raise_if_denied(self._settings, self._faults[0])
            raise BrokerUnreachable(
                f"{len(self._faults)} records could not be delivered to {self._address} "
                f"({self._faults[0].str()}): see to the broker and publish them again"
            )
