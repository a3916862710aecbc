"""Events -> a topic, each once: whatever is there already is not sent again."""

import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from confluent_kafka import KafkaError, Message

from contract import codec, kafka, reading
from contract.errors import BrokerUnreachable, InvalidRecord
from contract.settings import Settings

log = logging.getLogger(__name__)

E = TypeVar("E")

SENT_WITHIN: Final = 5.0
"""Seconds that one try may take; what is not sent then is looked after later."""


@dataclass(frozen=True)
class Route(Generic[E]):
    """Where events go.

    Attributes:
        topic: the topic's name.
        decode: raises `InvalidRecord` for what is not ours.
        name: no two events have the same.
        key: the message's.
        sent: told of each event that the broker has taken.
    """

    topic: str
    decode: Callable[[bytes | None], E]
    name: Callable[[E], Hashable]
    key: Callable[[E], str]
    sent: Callable[[E], None]


class Outbox(Generic[E]):
    """Sends events in their order. Used by one thread at a time.

    An event comes from what is kept elsewhere. A process that dies before it has sent it, or before
    it hears that the broker has it, is given it again and looks into the topic.
    """

    def __init__(self, settings: Settings, route: Route[E]) -> None:
        """Reads the names of what was sent. Raises `BrokerUnreachable`."""
        self._settings = settings
        self._route = route
        self._sent = self._names()
        self._waiting: deque[E] = deque()
        self._under_way = False
        self._refused: KafkaError | None = None
        self._producer = kafka.producer(settings, on_delivery=self._answered)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, events: Iterable[E]) -> None:
        """Takes events to be sent, if they were not."""
        known = self._sent | {self._route.name(event) for event in self._waiting}
        self._waiting += [event for event in events if self._route.name(event) not in known]

    def send(self) -> None:
        """Sends what waits. What the broker does not take now waits on."""
        while self._waiting:
            if not self._under_way:
                self._produce(self._waiting[0])
            self._producer.flush(SENT_WITHIN)
            if self._under_way:  # the client itself goes on trying
                return
            if self._refused is not None:
                log.warning(
                    "%d events wait for %s (%s)", len(self), self._route.topic, self._refused.str()
                )
                self._look_again()
                return

    def _produce(self, event: E) -> None:
        self._under_way, self._refused = True, None
        key = self._route.key(event).encode()
        self._producer.produce(self._route.topic, codec.encode(event), key=key)

    def _answered(self, error: KafkaError | None, _: Message) -> None:
        self._under_way, self._refused = False, error
        if error is None:
            event = self._waiting.popleft()
            self._sent.add(self._route.name(event))
            self._route.sent(event)

    def _look_again(self) -> None:
        """A refused event may be in the topic all the same."""
        try:
            self._sent |= self._names()
        except BrokerUnreachable:
            return  # nothing can be sent either
        waiting = [event for event in self._waiting if self._route.name(event) not in self._sent]
        self._waiting = deque(waiting)

    def _names(self) -> set[Hashable]:
        """The events in the topic."""
        found: set[Hashable] = set()
        for message in reading.messages(self._settings, self._route.topic):
            try:
                found.add(self._route.name(self._route.decode(message.value())))
            except InvalidRecord:  # somebody else's
                continue
        return found
