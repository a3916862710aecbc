"""Observes a stack: reads `alerts`, `model-lifecycle` and `predictions`, and closed windows."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from confluent_kafka import TopicPartition

from contract import codec
from contract.events import Alert, LifecycleEvent
from contract.kafka import create_consumer
from contract.settings import Settings, schema_of
from contract.topics import topics
from intent.local.status import WindowStatus, fetch_windows

BATCH_SIZE: Final = 50_000

FINAL_STEPS: Final = ("request_withdrawn", "version_rejected", "challenger_set", "promoted")
"""Lifecycle events after which a retraining request has been answered."""


@dataclass(frozen=True)
class Scored:
    """When a version scored a record, ms since the epoch."""

    time: int
    version: str


class Observer:
    """What was observed since the beginning of the topics. Times in ms since the epoch.

    Attributes:
        alerts: in order, each with the time of its message.
        steps: lifecycle events, in order.
    """

    def __init__(self, settings: Settings, monitoring: tuple[str, int]) -> None:
        names = topics(settings)
        self._monitoring = monitoring
        self._handlers: dict[str, Callable[[bytes | None, int], None]] = {
            names.alerts.name: self._add_alert,
            names.model_lifecycle.name: self._add_step,
            names.predictions.name: self._add_prediction,
        }
        self._decode_prediction = schema_of(settings).codec.decode_prediction
        self._consumer = create_consumer(settings, "scenarios")
        self._consumer.assign(
            [
                TopicPartition(topic.name, number, 0)
                for topic in (names.alerts, names.model_lifecycle, names.predictions)
                for number in range(topic.partitions)
            ]
        )
        self.alerts: list[tuple[int, Alert]] = []
        self.steps: list[LifecycleEvent] = []
        self._windows: dict[int, WindowStatus] = {}
        self._scored_at: dict[str, set[int]] = defaultdict(set)

    def poll(self, timeout: float) -> None:
        """Reads new messages and windows; waits for up to `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for topic, value, written_at in self._messages(timeout):
            self._handlers[topic](value, written_at)
        self._windows.update({window.end: window for window in fetch_windows(*self._monitoring)})
        time.sleep(max(0.0, min(0.1, deadline - time.monotonic())))

    @property
    def closed_windows(self) -> list[WindowStatus]:
        """The closed windows with the outcomes that are known by now, the oldest first."""
        return [self._windows[end] for end in sorted(self._windows)]

    def close(self) -> None:
        """Closes the consumer."""
        self._consumer.close()

    def first_prediction(self, version: str, since: int) -> int | None:
        """When a version first scored a record since a time."""
        return min((at for at in self._scored_at[version] if at >= since), default=None)

    def first_scored(self, since: int) -> Scored | None:
        """The first record that any version scored since a time."""
        candidates = [
            Scored(at, version)
            for version in self._scored_at
            if (at := self.first_prediction(version, since)) is not None
        ]
        return min(candidates, key=lambda scored: scored.time, default=None)

    @property
    def all_requests_answered(self) -> bool:
        """Whether every retraining request has been answered."""
        requested, answered = (
            {id_ for step in self.steps if step.kind in kinds for id_ in step.request_ids}
            for kinds in (("requested",), FINAL_STEPS)
        )
        return requested <= answered

    def _messages(self, timeout: float) -> Iterator[tuple[str, bytes | None, int]]:
        batch = self._consumer.consume(1, timeout) + self._consumer.consume(BATCH_SIZE, 0)
        for message in batch:
            if message.error() is None:
                yield str(message.topic()), message.value(), message.timestamp()[1]

    def _add_alert(self, value: bytes | None, written_at: int) -> None:
        self.alerts.append((written_at, codec.decode_alert(value)))

    def _add_step(self, value: bytes | None, _written_at: int) -> None:
        self.steps.append(codec.decode_lifecycle_event(value))

    def _add_prediction(self, value: bytes | None, _written_at: int) -> None:
        prediction = self._decode_prediction(value)
        self._scored_at[prediction.model_version].add(prediction.scored_at)
