"""What is known of champion and shadow -> the topic of comparisons. Owns its Kafka producer."""

import logging
from collections.abc import Callable, Iterable

from confluent_kafka import KafkaError, Message

from contract import codec, kafka
from contract.events import ShadowComparison
from contract.settings import Settings
from contract.topics import Topic

log = logging.getLogger(__name__)

CLOSES_WITHIN = 5.0
"""Seconds to let the broker take the last ones."""


class Comparisons:
    """Sends each under its window and versions: the topic keeps the newest.

    One that is sent twice, or after a restart with less than was known before, harms nobody: the
    reader takes the one with most outcomes.
    """

    def __init__(self, settings: Settings, topic: Topic, refused: Callable[[int], None]) -> None:
        """`refused` is told the window (ms) of what the broker has not taken."""
        self._topic = topic.name
        self._refused = refused
        self._producer = kafka.producer(settings)

    def tell(self, comparisons: Iterable[ShadowComparison]) -> None:
        """Queues them; the answers to earlier ones are heard."""
        for each in comparisons:
            kafka.produce(
                self._producer,
                self._topic,
                codec.encode(each),
                key=f"{each.window_start}/{each.champion_version}/{each.shadow_version}",
                on_delivery=self._answer_for(each.window_start),
            )
        self._producer.poll(0)

    def close(self) -> None:
        """Leaves when the broker has taken them, or does not."""
        self._producer.flush(CLOSES_WITHIN)

    def _answer_for(self, window: int) -> Callable[[KafkaError | None, Message], None]:
        def answered(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                log.warning("a comparison waits for %s (%s)", self._topic, error.str())
                self._refused(window)

        return answered
