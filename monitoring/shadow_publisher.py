"""Comparisons of champion and shadow -> their topic. Owns its Kafka producer."""

import logging
from collections.abc import Callable, Iterable

from confluent_kafka import KafkaError, Message

from contract import codec, kafka
from contract.events import ShadowComparison
from contract.settings import Settings
from contract.topics import Topic

log = logging.getLogger(__name__)

CLOSE_TIMEOUT = 5.0
"""Seconds in which the broker can take the last comparisons."""


class ShadowPublisher:
    """Publishes each comparison under its window and versions: the topic is compacted.

    A comparison may be sent twice, or after a restart with fewer outcomes than before. Readers take
    the one with the most outcomes.
    """

    def __init__(
        self, settings: Settings, topic: Topic, on_rejected: Callable[[int], None]
    ) -> None:
        """`on_rejected` is called with the window start (ms) of what the broker has not taken."""
        self._topic = topic.name
        self._on_rejected = on_rejected
        self._producer = kafka.create_producer(settings)

    def publish(self, comparisons: Iterable[ShadowComparison]) -> None:
        """Queues comparisons, and handles the broker's answers to earlier ones."""
        for each in comparisons:
            kafka.produce(
                self._producer,
                self._topic,
                codec.encode(each),
                key=f"{each.window_start}/{each.champion_version}/{each.shadow_version}",
                on_delivery=self._delivery_callback(each.window_start),
            )
        self._producer.poll(0)

    def close(self) -> None:
        """Waits up to `CLOSE_TIMEOUT` until the broker has taken everything."""
        self._producer.flush(CLOSE_TIMEOUT)

    def _delivery_callback(self, window_start: int) -> Callable[[KafkaError | None, Message], None]:
        def on_delivery(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                log.warning(
                    "comparison not published, retrying topic=%s window_start=%d error=%s",
                    self._topic,
                    window_start,
                    error.str(),
                )
                self._on_rejected(window_start)

        return on_delivery
