"""The stream's newest labelled customers, from Kafka. The only file of training that knows it."""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contract import codec, kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.events import made_id
from contract.topics import topics
from training.recent.join import At, Join
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

AT_ONCE: Final = 10_000
WAIT: Final = 0.2
SLICES: Final = 10
"""Customers are read backwards, each slice of time as long as all newer ones together."""

Offsets = Mapping[int, int]
"""An offset for each partition."""


def recent(settings: TrainingSettings, now: int) -> pd.DataFrame:
    """The customers whose outcome became known last, as `training.recent.rows`; `now` is in ms.

    At most `lookback_max_rows` of them, and none of `lookback_hours` before now. What does not fit
    the contract is passed over, and a topic that does not exist has no records. Raises
    `BrokerUnreachable`.
    """
    consumer = kafka.create_consumer(settings, "training", enable_partition_eof=True)
    join = Join(settings.lookback_max_rows)
    try:
        reading = _Reading(consumer, settings.kafka_timeout)
        _take_outcomes(reading, settings, join, now)
        _take_customers(reading, settings, join, now)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise BrokerUnreachable(
            f"cannot read the stream's labelled customers at {settings.kafka_bootstrap} "
            f"({failure.args[0].str()}): see to the broker, or set INTENT_LOOKBACK_HOURS=0"
        ) from None
    finally:
        consumer.close()
    return join.rows()


def _take_outcomes(reading: "_Reading", settings: TrainingSettings, join: Join, now: int) -> None:
    topic = topics(settings).outcomes.name
    low, high = reading.bounds(topic)
    since = now - _span(settings)
    first = reading.at(topic, since, low, high)
    begin = {each: max(first[each], high[each] - settings.lookback_max_rows) for each in high}
    for messages in reading.between(topic, begin, high):
        decoded = codec.decode_outcomes([message.value() for message in messages])
        valid = (each for place, each in enumerate(messages) if place not in decoded.invalid)
        for outcome, message in zip(decoded.events, valid, strict=True):
            at = _at(message)
            if at.timestamp >= since:  # timestamps need not rise with the offsets
                join.outcome(outcome, at)
    join.trim()


def _take_customers(reading: "_Reading", settings: TrainingSettings, join: Join, now: int) -> None:
    topic = topics(settings).customers.name
    low, end = reading.bounds(topic)
    since = now - _span(settings)
    for number in reversed(range(SLICES)):
        if join.complete:
            return
        begin = reading.at(topic, now - _span(settings) // 2**number, low, end)
        for messages in reading.between(topic, begin, end):
            decoded = codec.decode_customers([message.value() for message in messages])
            valid = (each for place, each in enumerate(messages) if place not in decoded.invalid)
            for record, message in zip(decoded.events, valid, strict=True):
                at = _at(message)
                if at.timestamp >= since:
                    join.customer(record.id or made_id(topic, at.partition, at.offset), record, at)
        end = begin


class _Reading:
    """Parts of topics, one after the other, by one consumer."""

    def __init__(self, consumer: Consumer, timeout: float) -> None:
        self._consumer = consumer
        self._timeout = timeout

    def bounds(self, topic: str) -> tuple[Offsets, Offsets]:
        """The first offset of each partition, and the one after its last; of no topic none."""
        found = self._consumer.list_topics(topic, timeout=self._timeout).topics[topic]
        both = {
            number: kafka.watermark_offsets(self._consumer, topic, number, self._timeout)
            for number in found.partitions
        }
        return (
            {number: low for number, (low, _) in both.items()},
            {number: high for number, (_, high) in both.items()},
        )

    def at(self, topic: str, time_ms: int, low: Offsets, end: Offsets) -> Offsets:
        """Where the messages since a time begin in each partition, not beyond `end`."""
        if not end:
            return {}
        asked = [TopicPartition(topic, number, time_ms) for number in end]
        found = self._consumer.offsets_for_times(asked, timeout=self._timeout)
        for place in found:
            if place.error is not None:
                raise KafkaException(place.error)
        return {
            place.partition: min(max(place.offset, low[place.partition]), end[place.partition])
            if place.offset >= 0
            else end[place.partition]  # all are older
            for place in found
        }

    def between(self, topic: str, begin: Offsets, end: Offsets) -> Iterator[list[Message]]:
        """The committed messages from one place on and before the other, in batches."""
        unread = {number for number in end if begin[number] < end[number]}
        places = [TopicPartition(topic, each, begin[each]) for each in unread]
        self._consumer.assign(places)
        self._consumer.resume(places)  # a pause outlives its assignment
        heard = time.monotonic()
        while unread:
            batch = []
            for message in self._consumer.consume(AT_ONCE, WAIT):
                number = message.partition()
                if number is None or number not in unread:
                    continue
                heard = time.monotonic()
                offset = _offset(message)
                if offset is not None and offset < end[number]:
                    batch.append(message)
                if offset is None or offset + 1 >= end[number]:
                    unread.discard(number)
                    self._consumer.pause([TopicPartition(topic, number)])
            if batch:
                yield batch
            if time.monotonic() - heard > self._timeout:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        self._consumer.unassign()


def _offset(message: Message) -> int | None:
    """None at the partition's end. Raises `KafkaException`."""
    error = message.error()
    if error is None:
        return message.offset()
    if error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return None


def _at(message: Message) -> At:
    return At(message.timestamp()[1], message.partition() or 0, message.offset() or 0)


def _span(settings: TrainingSettings) -> int:
    """Milliseconds back."""
    return int(settings.lookback_hours * 3_600_000)
