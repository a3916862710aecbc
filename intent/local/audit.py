"""Reads `customers` and its answers, committed ones only, into the ledger."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Final, Self, TypeVar, cast

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from contract import kafka
from contract.codec import decode_dead_letter
from contract.errors import BrokerUnreachable, InvalidRecord, RunIncomplete
from contract.settings import Settings, schema_of
from contract.topics import topics
from intent.local.ledger import Ledger

log = logging.getLogger(__name__)

E = TypeVar("E")

Place = tuple[str, int]
"""Topic and partition."""

BATCH: Final = 10_000


class Audit:
    """Accounts for the records that come to `customers` from now on.

    Raises `BrokerUnreachable` if the broker does not say where the topics end.

    Attributes:
        ledger: what has been read so far.
        last_written: timestamp of the newest record, ms since the epoch.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Never begins anew by itself: what is read twice would count as answered twice.
        self._consumer = kafka.create_consumer(
            settings, "audit", enable_partition_eof=True, auto_offset_reset="error"
        )
        names = topics(settings)
        try:
            self._next = {
                place: kafka.watermark_offsets(self._consumer, *place, settings.kafka_timeout)[1]
                for topic in (names.customers, names.predictions, names.dead_letters)
                for place in self._partitions(topic.name)
            }
        except KafkaException as fault:
            self.close()
            raise BrokerUnreachable(
                f"the broker at {settings.kafka_bootstrap} does not say where the topics end "
                f"({fault.args[0].str()}): see that it runs, and start again"
            ) from None
        customers = names.customers.name
        self.ledger = Ledger(
            {partition: end for (topic, partition), end in self._next.items() if topic == customers}
        )
        self._first_written = math.inf
        self._last_scored = 0
        self.last_written = 0
        self._note = {
            customers: self._note_customers,
            names.predictions.name: self._note_predictions,
            names.dead_letters.name: self._note_dead_letters,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        read = ", ".join(f"{topic}/{part} to {at}" for (topic, part), at in self._next.items())
        return f"{self.ledger.fault() or len(self.ledger.records)} in {read}"

    def close(self) -> None:
        """Leaves the broker."""
        self._consumer.close()

    def read(self, patience: float = 10) -> None:
        """Reads on to the topics' present ends, for at most `patience` seconds.

        Raises `RunIncomplete` if a message is no answer of this version of the contract.
        """
        deadline = time.monotonic() + patience
        unread = self._assign()
        while unread and time.monotonic() < deadline:
            found: dict[str, list[Message]] = {topic: [] for topic in self._note}
            for message in self._consumer.consume(BATCH, 0.1):
                error = message.error()
                if error is None:
                    topic, partition, offset = _where(message)
                    if offset >= self._next[topic, partition]:  # else it was read before
                        found[topic].append(message)
                        self._next[topic, partition] = offset + 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard(_where(message)[:2])
                else:
                    log.warning("the audit reads on after an error: %s", error.str())
                    unread = self._assign()
            for topic, messages in found.items():
                self._note[topic](messages)

    def _assign(self) -> set[Place]:
        """Reads on where reading stopped; returns the partitions that have to be read to their end.

        Assigned anew each time, because a partition's end is told once an assignment, and a
        partition whose place the client has lost is read on only then.
        """
        self._consumer.assign([TopicPartition(*place, at) for place, at in self._next.items()])
        return set(self._next)

    @property
    def seconds(self) -> float:
        """From the first record's timestamp to the last prediction; 0 of nothing."""
        return max(0.0, (self._last_scored - self._first_written) / 1000)

    def _note_customers(self, found: Sequence[Message]) -> None:
        self.ledger.expect(_where(message)[1:] for message in found)
        written = min((message.timestamp()[1] for message in found), default=math.inf)
        self._first_written = min(self._first_written, written)
        newest = max((message.timestamp()[1] for message in found), default=0)
        self.last_written = max(self.last_written, newest)

    def _note_predictions(self, found: Sequence[Message]) -> None:
        decode = schema_of(self._settings).codec.decode_prediction
        predictions = [_answer(decode, message) for message in found]
        self.ledger.predicted((answer.partition, answer.offset) for answer in predictions)
        scored = max((answer.scored_at for answer in predictions), default=0)
        self._last_scored = max(self._last_scored, scored)

    def _note_dead_letters(self, found: Sequence[Message]) -> None:
        letters = [_answer(decode_dead_letter, message) for message in found]
        self.ledger.dead_lettered((letter.partition, letter.offset) for letter in letters)

    def _partitions(self, topic: str) -> list[tuple[str, int]]:
        found = self._consumer.list_topics(topic, timeout=self._settings.kafka_timeout)
        return [(topic, number) for number in found.topics[topic].partitions]


def _where(message: Message) -> tuple[str, int, int]:
    """Topic, partition, offset: of a message that was consumed, none is None."""
    return cast(tuple[str, int, int], (message.topic(), message.partition(), message.offset()))


def _answer(decode: Callable[[bytes | None], E], message: Message) -> E:
    try:
        return decode(message.value())
    except InvalidRecord as fault:
        topic, partition, offset = _where(message)
        raise RunIncomplete(
            f"{topic}, partition {partition}, offset {offset} is no answer ({fault}): "
            "see who else writes to that topic"
        ) from None
