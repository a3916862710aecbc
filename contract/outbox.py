"""Produces events to a topic, each once: what the topic contains already is not produced again."""

import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from confluent_kafka import KafkaError, Message

from contract import codec, kafka
from contract.bounded_reader import read_topic
from contract.errors import BrokerUnreachable, InvalidRecord
from contract.settings import Settings

log = logging.getLogger(__name__)

E = TypeVar("E")

DELIVERY_TIMEOUT: Final = 5.0
"""Seconds that `send_pending` waits for one event; the client retries in the background."""


@dataclass(frozen=True)
class EventRoute(Generic[E]):
    """How events of one type are produced.

    Attributes:
        topic: Name of the topic.
        decode: Decodes a message's value. Raises `InvalidRecord` for foreign messages.
        event_id: Identifier of an event: events with the same one are produced once.
        message_key: Key of an event's message.
        on_delivered: Called for each event that the broker has stored.
    """

    topic: str
    decode: Callable[[bytes | None], E]
    event_id: Callable[[E], Hashable]
    message_key: Callable[[E], str]
    on_delivered: Callable[[E], None]


class Outbox(Generic[E]):
    """Produces events in order. Not thread-safe.

    The events are stored elsewhere. A process that dies before the delivery report adds them again
    after its restart, and this class finds in the topic which of them were produced.
    """

    def __init__(self, settings: Settings, route: EventRoute[E]) -> None:
        """Reads the ids of the events in the topic. Raises `BrokerUnreachable`."""
        self._settings = settings
        self._route = route
        self._sent_ids = self._read_sent_ids()
        self._pending: deque[E] = deque()
        self._in_flight = False
        self._error: KafkaError | None = None
        self._producer = kafka.create_producer(settings, on_delivery=self._on_delivery)

    def __len__(self) -> int:
        return len(self._pending)

    def add_events(self, events: Iterable[E]) -> None:
        """Queues events that are neither queued nor in the topic."""
        event_id = self._route.event_id
        known_ids = self._sent_ids | {event_id(event) for event in self._pending}
        self._pending += [event for event in events if event_id(event) not in known_ids]

    def send_pending(self) -> None:
        """Produces what is queued. An event that fails stays queued, and so do those after it."""
        while self._pending:
            if not self._in_flight:
                self._produce(self._pending[0])
            self._producer.flush(DELIVERY_TIMEOUT)
            if self._in_flight:  # the client retries by itself
                return
            if self._error is not None:
                log.warning(
                    "cannot produce to %s, queued=%d: %s",
                    self._route.topic,
                    len(self),
                    self._error.str(),
                )
                self._drop_sent()
                return

    def _produce(self, event: E) -> None:
        self._in_flight, self._error = True, None
        key = self._route.message_key(event).encode()
        self._producer.produce(self._route.topic, codec.encode(event), key=key)

    def _on_delivery(self, error: KafkaError | None, _: Message) -> None:
        self._in_flight, self._error = False, error
        if error is None:
            event = self._pending.popleft()
            self._sent_ids.add(self._route.event_id(event))
            self._route.on_delivered(event)

    def _drop_sent(self) -> None:
        """A delivery that is reported as failed may have reached the topic all the same."""
        try:
            self._sent_ids |= self._read_sent_ids()
        except BrokerUnreachable:
            return  # nothing can be produced either
        event_id = self._route.event_id
        self._pending = deque(
            event for event in self._pending if event_id(event) not in self._sent_ids
        )

    def _read_sent_ids(self) -> set[Hashable]:
        """Ids of the events in the topic."""
        ids: set[Hashable] = set()
        for message in read_topic(self._settings, self._route.topic):
            try:
                ids.add(self._route.event_id(self._route.decode(message.value())))
            except InvalidRecord:  # another program's
                continue
        return ids
