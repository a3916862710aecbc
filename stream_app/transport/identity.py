"""Notices that `customers` was deleted and made again: a client goes on reading at its offset."""

import time
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import KafkaException, TopicCollection

from contract import kafka
from contract.errors import TopicUnavailable
from stream_app.settings import ScorerSettings

ASK_EVERY: Final = 1.0
"""Seconds. One small question to one broker, which nothing waits for."""


class Identity:
    """The id that the broker gave the topic when it was made."""

    def __init__(self, settings: ScorerSettings, topic: str) -> None:
        self._topic = topic
        self._group = settings.scorer_group
        self._admin = kafka.create_admin_client(settings)
        self._timeout = settings.kafka_timeout
        self._asked: Future[Any] | None = None
        self._ask_at = 0.0
        self._id: str | None = None

    def check(self) -> None:
        """Raises `TopicUnavailable` once the topic is known to be another one. Waits for nothing.

        A topic that is gone is the consumer's to notice.
        """
        if self._asked is not None and self._asked.done():
            self._compare(self._asked)
            self._asked = None
        if self._asked is None and time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + ASK_EVERY
            self._asked = self._ask()

    def check_now(self) -> None:
        """The same, but waits for the broker's answer."""
        self._compare(self._ask())

    def _ask(self) -> "Future[Any]":
        asked = self._admin.describe_topics(
            TopicCollection([self._topic]), request_timeout=self._timeout
        )
        answer: Future[Any] = asked[self._topic]
        return answer

    def _compare(self, answer: "Future[Any]") -> None:
        try:
            now = str(answer.result(2 * self._timeout).topic_id)
        except (KafkaException, TimeoutError):
            return  # a broker that is away, or a topic that is gone
        self._id = self._id or now
        if now != self._id:
            raise TopicUnavailable(
                f"topic {self._topic} was deleted and made again while it was read, and what came "
                f"to it before now may be unread: delete the offsets of the group {self._group} "
                "to read all of it, and start again"
            )
