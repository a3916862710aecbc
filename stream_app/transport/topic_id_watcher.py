"""Detects that `customers` was deleted and created again, by its topic id (KIP-516).

A consumer does not notice this: it continues at its old offset in the new topic.
"""

import time
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import KafkaException, TopicCollection

from contract import kafka
from contract.errors import TopicUnavailable
from stream_app.settings import ScorerSettings

POLL_INTERVAL: Final = 1.0
"""Seconds between two requests for the topic id. Nothing waits for the answers."""


class TopicIdWatcher:
    """Compares the topic's id with the first one that the broker reported."""

    def __init__(self, settings: ScorerSettings, topic: str) -> None:
        self._topic = topic
        self._group = settings.scorer_group
        self._admin = kafka.create_admin_client(settings)
        self._timeout = settings.kafka_timeout
        self._request: Future[Any] | None = None
        self._next_request_at = 0.0
        self._topic_id: str | None = None

    def check(self) -> None:
        """Checks the last answer, and requests the next one if it is due. Never waits.

        A deleted topic is not reported: the consumer notices that itself.

        Raises:
            TopicUnavailable: The topic has another id than before.
        """
        if self._request is not None and self._request.done():
            self._compare(self._request)
            self._request = None
        if self._request is None and time.monotonic() >= self._next_request_at:
            self._next_request_at = time.monotonic() + POLL_INTERVAL
            self._request = self._request_topic_id()

    def check_now(self) -> None:
        """Requests the id and waits for the answer. Raises as `check` does."""
        self._compare(self._request_topic_id())

    def _request_topic_id(self) -> "Future[Any]":
        answers = self._admin.describe_topics(
            TopicCollection([self._topic]), request_timeout=self._timeout
        )
        answer: Future[Any] = answers[self._topic]
        return answer

    def _compare(self, answer: "Future[Any]") -> None:
        try:
            topic_id = str(answer.result(2 * self._timeout).topic_id)
        except (KafkaException, TimeoutError):
            return  # the broker is away, or the topic is gone
        self._topic_id = self._topic_id or topic_id
        if topic_id != self._topic_id:
            raise TopicUnavailable(
                f"topic {self._topic} was deleted and created again while it was read; records "
                f"that were written to it since then may be unread: delete the offsets of group "
                f"{self._group} to read all of them, then start again"
            )
