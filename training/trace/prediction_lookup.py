"""Finds a prediction by id, place or JSON, and its record. Owns trace's reading of both topics."""

import os
import re
import sys
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contract import bounded_reader, kafka
from contract.errors import BadSetting, BrokerUnreachable, InvalidRecord
from contract.events import CustomerRecord, Prediction, made_id
from contract.settings import Settings, schema_of
from contract.topic_encodings import customer_decoder
from contract.topics import topics

PARTITION_OFFSET: Final = re.compile(r"(\d{1,9}):(\d{1,18})")
"""Larger numbers are none of Kafka's, and part of an id."""

_NO_SUCH_PARTITION: Final = (KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART)


def find_prediction(settings: Settings, reference: str) -> Prediction:
    """Finds a prediction.

    Args:
        settings: of Kafka.
        reference: an id, PARTITION:OFFSET, JSON, or - for JSON on standard input.

    Raises:
        BadSetting: there is no such prediction.
        BrokerUnreachable: the topic cannot be read.
    """
    if reference == "-":
        reference = sys.stdin.readline().strip()
    if not reference:
        raise BadSetting(
            "no prediction is named: give its id, PARTITION:OFFSET, its JSON, or - for JSON on "
            "standard input"
        )
    if reference.startswith("{"):
        return _decode(settings, os.fsencode(reference), "the given JSON")
    if match := PARTITION_OFFSET.fullmatch(reference):
        place = TopicPartition(settings.topic_predictions, int(match[1]), int(match[2]))
        return _decode(settings, _read_at(settings, place).value(), _describe(place))
    return _find_id(settings, reference)


def find_record(settings: Settings, prediction: Prediction) -> CustomerRecord:
    """Reads the record of a prediction.

    Raises:
        BadSetting: the topic does not have it any more, or has another record at its place.
        BrokerUnreachable: the topic cannot be read.
        SchemaRegistryUnavailable: no Schema Registry has the schema of the record.
    """
    topic = topics(settings).customers.name
    place = TopicPartition(topic, prediction.partition, prediction.offset)
    message = _read_at(settings, place)
    decoder = customer_decoder(settings)
    decoder.resolve([message])
    decoded = decoder.decode([message])
    if decoded.invalid:
        raise BadSetting(
            f"{_describe(place)} is not the record of {prediction.id} ({decoded.invalid[0]}): the "
            "topic was recreated, or the schema has changed since"
        )
    record = decoded.events[0]
    expected = record.id or made_id(topic, prediction.partition, prediction.offset)
    if expected != prediction.id:
        raise BadSetting(
            f"{_describe(place)} is the record of {expected}, not of {prediction.id}: the topic "
            "was recreated since"
        )
    return record


def _find_id(settings: Settings, event_id: str) -> Prediction:
    """The newest one: in a topic that was recreated, an id may appear again."""
    topic, needle = settings.topic_predictions, os.fsencode(event_id)
    decode = schema_of(settings).codec.decode_prediction
    newest = None
    for message in bounded_reader.read_topic(settings, topic):
        value = message.value()
        if value is not None and needle in value:  # decoding every record takes ten times as long
            try:
                event = decode(value)
            except InvalidRecord:
                continue
            if event.id == event_id and (newest is None or event.scored_at >= newest.scored_at):
                newest = event
    if newest is None:
        raise BadSetting(f"{topic} has no prediction with the id {event_id} (any more)")
    return newest


def _read_at(settings: Settings, place: TopicPartition) -> Message:
    group = f"{settings.topic_predictions}-trace"
    consumer = kafka.create_consumer(settings, group, enable_partition_eof=True)
    try:
        message = _read_message(consumer, place, settings)
    except KafkaException as failure:
        if failure.args[0].code() in _NO_SUCH_PARTITION:
            raise BadSetting(f"{place.topic} has no partition {place.partition}") from None
        raise BrokerUnreachable(
            f"cannot read {_describe(place)} ({failure.args[0].str()}): check that the broker is "
            "running"
        ) from None
    finally:
        consumer.close()
    if message is None or message.offset() != place.offset:
        raise BadSetting(f"there is no record at {_describe(place)} (any more)")
    return message


def _describe(place: TopicPartition) -> str:
    return f"{place.topic}, partition {place.partition}, offset {place.offset}"


def _read_message(consumer: Consumer, place: TopicPartition, settings: Settings) -> Message | None:
    """The first committed message from there on; None at the partition's end."""
    _, high = kafka.watermark_offsets(
        consumer, place.topic, place.partition, settings.kafka_timeout
    )
    if place.offset >= high:
        return None
    consumer.assign([place])
    message = consumer.poll(settings.kafka_timeout)
    if message is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    error = message.error()
    if error is None:
        return message
    if error.code() in (KafkaError._PARTITION_EOF, KafkaError._AUTO_OFFSET_RESET):
        return None
    raise KafkaException(error)


def _decode(settings: Settings, value: bytes | None, place: str) -> Prediction:
    try:
        return schema_of(settings).codec.decode_prediction(value)
    except InvalidRecord as invalid:
        raise BadSetting(f"{place} is not a prediction: {invalid}") from None
