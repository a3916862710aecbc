"""Reads the stream's newest labelled customers from Kafka. Owns training's bulk consumer."""

import logging
import time
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.events import made_id
from contract.settings import schema_of
from contract.topic_encodings import customer_decoder, outcome_decoder
from contract.topics import topics
from training.lookback.outcome_join import OutcomeJoin, RecordPosition
from training.settings import TrainingSettings

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 10_000
POLL_TIMEOUT: Final = 0.2
TIME_SLICES: Final = 10
"""Customers are read backwards in time; each slice doubles the time that was read."""

Offsets = Mapping[int, int]
"""An offset for each partition."""


def read_labelled_customers(settings: TrainingSettings, now_ms: int) -> pd.DataFrame:
    """Reads the customers whose outcomes were published last.

    Invalid records are skipped. A topic that does not exist has no records.

    Args:
        settings: `lookback_max_rows` and `lookback_hours` limit what is read.
        now_ms: the end of the look-back, ms since the epoch.

    Returns:
        Rows as in `training.lookback.rows`.

    Raises:
        BrokerUnreachable: a topic cannot be read.
        SchemaRegistryUnavailable: no Schema Registry has the schemas of the messages.
    """
    consumer = kafka.create_consumer(settings, "training", enable_partition_eof=True)
    join = OutcomeJoin(settings.lookback_max_rows, schema_of(settings))
    try:
        reader = _RangeReader(consumer, settings.kafka_timeout)
        _read_outcomes(reader, settings, join, now_ms)
        _read_customers(reader, settings, join, now_ms)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise BrokerUnreachable(
            f"cannot read the stream's labelled customers at {settings.kafka_bootstrap} "
            f"({failure.args[0].str()}): check that the broker is running, or set "
            "INTENT_LOOKBACK_HOURS=0"
        ) from None
    finally:
        consumer.close()
    return join.rows()


def _read_outcomes(
    reader: "_RangeReader", settings: TrainingSettings, join: OutcomeJoin, now_ms: int
) -> None:
    topic, decoder = topics(settings).outcomes.name, outcome_decoder(settings)
    low, high = reader.watermarks(topic)
    since = now_ms - _lookback_ms(settings)
    first = reader.offsets_for_time(topic, since, low, high)
    begin = {
        number: max(first[number], high[number] - settings.lookback_max_rows) for number in high
    }
    for messages in reader.batches(topic, begin, high):
        decoder.resolve(messages)
        decoded = decoder.decode(messages)
        valid = (message for place, message in enumerate(messages) if place not in decoded.invalid)
        for outcome, message in zip(decoded.events, valid, strict=True):
            position = _position(message)
            if position.timestamp >= since:  # timestamps need not rise with the offsets
                join.add_outcome(outcome, position)
    join.trim_outcomes()


def _read_customers(
    reader: "_RangeReader", settings: TrainingSettings, join: OutcomeJoin, now_ms: int
) -> None:
    topic, decoder = topics(settings).customers.name, customer_decoder(settings)
    low, end = reader.watermarks(topic)
    since = now_ms - _lookback_ms(settings)
    for exponent in reversed(range(TIME_SLICES)):
        if join.is_complete:
            return
        slice_start = now_ms - _lookback_ms(settings) // 2**exponent
        begin = reader.offsets_for_time(topic, slice_start, low, end)
        for messages in reader.batches(topic, begin, end):
            decoder.resolve(messages)
            decoded = decoder.decode(messages)
            valid = (
                message for place, message in enumerate(messages) if place not in decoded.invalid
            )
            for record, message in zip(decoded.events, valid, strict=True):
                position = _position(message)
                if position.timestamp >= since:
                    event_id = record.id or made_id(topic, position.partition, position.offset)
                    join.add_customer(event_id, record, position)
        end = begin


class _RangeReader:
    """Reads ranges of offsets, one topic after the other, with one consumer."""

    def __init__(self, consumer: Consumer, timeout: float) -> None:
        self._consumer = consumer
        self._timeout = timeout

    def watermarks(self, topic: str) -> tuple[Offsets, Offsets]:
        """The low and high watermark of each partition; empty for a topic that does not exist."""
        metadata = self._consumer.list_topics(topic, timeout=self._timeout).topics[topic]
        pairs = {
            number: kafka.watermark_offsets(self._consumer, topic, number, self._timeout)
            for number in metadata.partitions
        }
        return (
            {number: low for number, (low, _) in pairs.items()},
            {number: high for number, (_, high) in pairs.items()},
        )

    def offsets_for_time(self, topic: str, time_ms: int, low: Offsets, end: Offsets) -> Offsets:
        """The first offset of each partition since a time, from `low` to `end`."""
        if not end:
            return {}
        times = [TopicPartition(topic, number, time_ms) for number in end]
        places = self._consumer.offsets_for_times(times, timeout=self._timeout)
        for place in places:
            if place.error is not None:
                raise KafkaException(place.error)
        return {
            place.partition: min(max(place.offset, low[place.partition]), end[place.partition])
            if place.offset >= 0
            else end[place.partition]  # all messages are older
            for place in places
        }

    def batches(self, topic: str, begin: Offsets, end: Offsets) -> Iterator[list[Message]]:
        """Yields the committed messages from `begin` to before `end`, in batches."""
        unread = {number for number in end if begin[number] < end[number]}
        places = [TopicPartition(topic, number, begin[number]) for number in unread]
        self._consumer.assign(places)
        self._consumer.resume(places)  # a pause outlives its assignment
        last_message = time.monotonic()
        while unread:
            batch = []
            for message in self._consumer.consume(BATCH_SIZE, POLL_TIMEOUT):
                number = message.partition()
                if number is None or number not in unread:
                    continue
                last_message = time.monotonic()
                offset = _offset(message)
                if offset is not None and offset < end[number]:
                    batch.append(message)
                if offset is None or offset + 1 >= end[number]:
                    unread.discard(number)
                    self._consumer.pause([TopicPartition(topic, number)])
            if batch:
                yield batch
            if time.monotonic() - last_message > self._timeout:
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


def _position(message: Message) -> RecordPosition:
    return RecordPosition(message.timestamp()[1], message.partition() or 0, message.offset() or 0)


def _lookback_ms(settings: TrainingSettings) -> int:
    return int(settings.lookback_hours * 3_600_000)
