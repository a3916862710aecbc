"""Reads `alerts`, `model-lifecycle` and `predictions` to tell what happened, and when."""

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
from intent.local.windows import Window, windows

BATCH: Final = 50_000

ANSWERS: Final = ("request_withdrawn", "version_rejected", "challenger_set", "promoted")
"""Steps after which nothing more comes of the request for a training."""


@dataclass(frozen=True)
class Scored:
    """When a version scored a record, ms."""

    at: int
    version: str


class Witness:
    """What was seen so far, from the beginning of the topics. Times in ms.

    Attributes:
        alerts: in order, each with when it was written.
        steps: of the models' lives, in order.
    """

    def __init__(self, settings: Settings, monitoring: tuple[str, int]) -> None:
        names = topics(settings)
        self._monitoring = monitoring
        self._decode_prediction = schema_of(settings).codec.decode_prediction
        self._take: dict[str, Callable[[bytes | None, int], None]] = {
            names.alerts.name: self._take_alert,
            names.model_lifecycle.name: self._take_step,
            names.predictions.name: self._take_prediction,
        }
        self._consumer = create_consumer(settings, "scenes")
        self._consumer.assign(
            [
                TopicPartition(topic.name, number, 0)
                for topic in (names.alerts, names.model_lifecycle, names.predictions)
                for number in range(topic.partitions)
            ]
        )
        self.alerts: list[tuple[int, Alert]] = []
        self.steps: list[LifecycleEvent] = []
        self._windows: dict[int, Window] = {}
        self._scored: dict[str, set[int]] = defaultdict(set)

    def look(self, seconds: float) -> None:
        """Takes what is there; waits at most `seconds` for something."""
        deadline = time.monotonic() + seconds
        for message in self._messages(seconds):
            self._take[str(message[0])](message[1], message[2])
        self._windows.update({each.end: each for each in windows(*self._monitoring)})
        time.sleep(max(0.0, min(0.1, deadline - time.monotonic())))

    @property
    def closed(self) -> list[Window]:
        """The windows as they are known by now."""
        return [self._windows[end] for end in sorted(self._windows)]

    def close(self) -> None:
        """Leaves the broker."""
        self._consumer.close()

    def first_prediction(self, version: str, since: int) -> int | None:
        """When a version first scored a record, from a time on."""
        return min((at for at in self._scored[version] if at >= since), default=None)

    def scoring(self, since: int) -> Scored | None:
        """The first record that was scored from a time on, by whichever version."""
        found = [
            Scored(at, version)
            for version in self._scored
            if (at := self.first_prediction(version, since)) is not None
        ]
        return min(found, key=lambda each: each.at, default=None)

    @property
    def answered(self) -> bool:
        """Whether something came of every request for a training."""
        asked, over = (
            {each for step in self.steps if step.kind in kinds for each in step.request_ids}
            for kinds in (("requested",), ANSWERS)
        )
        return asked <= over

    def _messages(self, seconds: float) -> Iterator[tuple[str, bytes | None, int]]:
        found = self._consumer.consume(1, seconds) + self._consumer.consume(BATCH, 0)
        for message in found:
            if message.error() is None:
                yield str(message.topic()), message.value(), message.timestamp()[1]

    def _take_alert(self, value: bytes | None, written: int) -> None:
        self.alerts.append((written, codec.decode_alert(value)))

    def _take_step(self, value: bytes | None, _written: int) -> None:
        self.steps.append(codec.decode_lifecycle_event(value))

    def _take_prediction(self, value: bytes | None, _written: int) -> None:
        prediction = self._decode_prediction(value)
        self._scored[prediction.model_version].add(prediction.scored_at)
