"""Writes records at a steady rate, also while the broker is down."""

import json
import threading
import time
from typing import Self

from confluent_kafka import Producer

from stream_app.settings import ScorerSettings

BAD_EVERY = 97
HEADERS_EVERY = 1_009


class Traffic(threading.Thread):
    """Writes `records` over `seconds`, each once; some are invalid, some have headers."""

    def __init__(self, settings: ScorerSettings, records: int, seconds: float) -> None:
        super().__init__(name="traffic", daemon=True)
        self._topic = settings.topic_customers
        self._records = records
        self._seconds = seconds
        self._lost = 0
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka_bootstrap,
                "enable.idempotence": True,
                "message.timeout.ms": 600_000,
                "linger.ms": 5,
                "queue.buffering.max.messages": 2_000_000,
            }
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.join()

    def run(self) -> None:
        began = time.monotonic()
        for number in range(self._records):
            due = began + self._seconds * number / self._records
            while time.monotonic() < due:
                self._producer.poll(0.005)
            self._produce(number)

    def _produce(self, number: int) -> None:
        age = 18 + number % 60 if number % BAD_EVERY else "old"
        record = {"id": f"r{number}", "Gender": "Male", "Age": age, "AnnualSalary": 50_000}
        headers: dict[str, str | bytes | None] = {}
        if number % HEADERS_EVERY == 0:
            headers["traceparent"] = b"00-ab-cd-01"
        self._producer.produce(
            self._topic, json.dumps(record), headers=headers, on_delivery=self._delivered
        )

    def _delivered(self, fault: object, _: object) -> None:
        self._lost += fault is not None

    def finish(self) -> None:
        """Returns when the broker has all records."""
        self.join()
        assert self._producer.flush(120) == 0
        assert not self._lost
