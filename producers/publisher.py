"""Simulated or replayed records -> Kafka, each delivered or the process stops."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError, Message

from contract import kafka
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
        self._address = settings.kafka_bootstrap
        self._faults: list[KafkaError] = []
        # Only failures are reported: a callback for each delivery would halve the rate.
        self._producer = kafka.producer(
            settings, delivery_report_only_error=True, on_delivery=self._failed
        )

    def publish(self, topic: str, messages: Iterable[dict[str, Any]]) -> None:
        """Queues messages of value, key and, if given, timestamp (ms); waits while the queue is full.

        Raises `BrokerUnreachable` when one of this or of an earlier call was not delivered.
        """
        for message in messages:
            kafka.produce(self._producer, topic, **message)
        self._producer.poll(0)
        self._check()

    def flush(self, seconds: float = 120.0) -> None:
        """Waits until all is delivered. Raises `BrokerUnreachable` if it is not in time."""
        deadline = time.monotonic() + seconds
        while left := self._producer.flush(FLUSH_STEP):
            self._check()
            if time.monotonic() > deadline:
                raise BrokerUnreachable(
                    f"{left} records could not be delivered to {self._address}: see to the broker"
                )
        self._check()

    def _failed(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._faults.append(error)

    def _check(self) -> None:
        if self._faults:
            raise BrokerUnreachable(
                f"{len(self._faults)} records could not be delivered to {self._address} "
                f"({self._faults[0].str()}): see to the broker and publish them again"
            )
