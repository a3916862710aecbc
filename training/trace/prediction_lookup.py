"""Finds a prediction by id, place or JSON. Owns the reading of `predictions`."""

import re
import sys
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contract import bounded_reader, kafka
from contract.errors import BadSetting, BrokerUnreachable, InvalidRecord
from contract.events import Prediction
from contract.settings import Settings, schema_of

PARTITION_OFFSET: Final = re.compile(r"(\d+):(\d+)")


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
    if reference.startswith("{"):
        return _decode(settings, reference.encode(), "the given JSON")
    if match := PARTITION_OFFSET.fullmatch(reference):
        return _read_at(settings, int(match[1]), int(match[2]))
    return _find_id(settings, reference)


def _find_id(settings: Settings, event_id: str) -> Prediction:
    """The newest one: in a topic that was recreated, an id may appear again."""
    topic, needle = settings.topic_predictions, event_id.encode()
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


def _read_at(settings: Settings, partition: int, offset: int) -> Prediction:
    topic = settings.topic_predictions
    place = f"{topic}, partition {partition}, offset {offset}"
    consumer = kafka.create_consumer(settings, f"{topic}-trace", enable_partition_eof=True)
    try:
        message = _read_message(consumer, TopicPartition(topic, partition, offset), settings)
    except KafkaException as failure:
        raise BrokerUnreachable(
            f"cannot read {place} ({failure.args[0].str()}): check that the broker is running"
        ) from None
    finally:
        consumer.close()
    if message is None or message.offset() != offset:
        raise BadSetting(f"there is no record at {place} (any more)")
    return _decode(settings, message.value(), place)


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
