"""Alerts -> the topic `alerts`, each once: whatever is there already is not sent again."""

import logging
from collections import deque
from collections.abc import Iterable
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, Message, TopicPartition

from contract import codec, kafka
from contract.errors import InvalidRecord
from contract.events import Alert
from contract.settings import Settings

log = logging.getLogger(__name__)

SENT_WITHIN: Final = 5.0
"""Seconds that one try may take; what is not sent then is looked after later."""

Name = tuple[str, str]
"""Episode and status: no two alerts have the same."""


class Outbox:
    """Sends alerts in their order. Used by one thread at a time.

    An alert is on disk before it comes here. A process that dies between the two, or before it
    hears that the broker has the alert, looks into the topic when it starts again.
    """

    def __init__(self, settings: Settings) -> None:
        """Reads the names of what was sent. Raises `KafkaException` if the broker is gone."""
        self._settings = settings
        self._sent = _names(settings)
        self._waiting: deque[Alert] = deque()
        self._under_way = False
        self._refused: KafkaError | None = None
        self._producer = kafka.producer(settings, on_delivery=self._answered)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, alerts: Iterable[Alert]) -> None:
        """Takes alerts to be sent, if they were not."""
        known = self._sent | {_name(alert) for alert in self._waiting}
        self._waiting += [alert for alert in alerts if _name(alert) not in known]

    def send(self) -> None:
        """Sends what waits. What the broker does not take now waits on."""
        while self._waiting:
            if not self._under_way:
                self._produce(self._waiting[0])
            self._producer.flush(SENT_WITHIN)
            if self._under_way:  # the client itself goes on trying
                return
            if self._refused is not None:
                log.warning("%d alerts wait (%s)", len(self), self._refused.str())
                self._look_again()
                return

    def _produce(self, alert: Alert) -> None:
        self._under_way, self._refused = True, None
        value, key = codec.encode(alert), alert.kind.encode()
        self._producer.produce(self._settings.topic_alerts, value, key=key)

    def _answered(self, error: KafkaError | None, _: Message) -> None:
        self._under_way, self._refused = False, error
        if error is None:
            alert = self._waiting.popleft()
            self._sent.add(_name(alert))
            log.warning("alert %s, %s: %s", alert.episode, alert.status, alert.words)

    def _look_again(self) -> None:
        """A refused alert may be in the topic all the same."""
        try:
            self._sent |= _names(self._settings)
        except KafkaException:
            return  # nothing can be sent either
        waiting = [alert for alert in self._waiting if _name(alert) not in self._sent]
        self._waiting = deque(waiting)


def _name(alert: Alert) -> Name:
    return alert.episode, alert.status


def _names(settings: Settings) -> set[Name]:
    """The alerts in the topic."""
    topic = settings.topic_alerts
    reader = kafka.consumer(settings, f"{topic}-outbox", enable_partition_eof=True)
    try:
        known = reader.list_topics(topic, settings.kafka_timeout).topics[topic]
        unread = set(known.partitions)
        reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in unread])
        found: set[Name] = set()
        while unread:
            for message in reader.consume(1_000, SENT_WITHIN):
                error = message.error()
                if error is None:
                    found |= _read(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard(message.partition())
                else:
                    raise KafkaException(error)
        return found
    finally:
        reader.close()


def _read(message: Message) -> set[Name]:
    try:
        return {_name(codec.decode_alert(message.value()))}
    except InvalidRecord:  # somebody else's
        return set()
