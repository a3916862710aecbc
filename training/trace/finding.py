"""What a person knows of a prediction -> the prediction. Owns the reading of its topic."""

import re
import sys
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contract import codec, kafka, topic_reader
from contract.errors import BadSetting, BrokerUnreachable, InvalidRecord
from contract.events import Prediction
from contract.settings import Settings

PLACE: Final = re.compile(r"(\d+):(\d+)")


def prediction(settings: Settings, told: str) -> Prediction:
    """The prediction of that JSON (`-`: on standard input), PARTITION:OFFSET, or id.

    Raises `BadSetting` where there is none, `BrokerUnreachable`.
    """
    if told == "-":
        told = sys.stdin.readline().strip()
    if told.startswith("{"):
        return _decoded(told.encode(), "what was given")
    if place := PLACE.fullmatch(told):
        return _at(settings, int(place[1]), int(place[2]))
    return _of_id(settings, told)


def _of_id(settings: Settings, name: str) -> Prediction:
    """The last one: a topic that was made anew may give an id again."""
    topic, needle = settings.topic_predictions, name.encode()
    found = None
    for message in topic_reader.read_topic(settings, topic):
        value = message.value()
        if value is not None and needle in value:  # to decode each would take ten times as long
            try:
                event = codec.decode_prediction(value)
            except InvalidRecord:
                continue
            if event.id == name and (found is None or event.scored_at >= found.scored_at):
                found = event
    if found is None:
        raise BadSetting(f"{topic} has no prediction of the id {name} (any more)")
    return found


def _at(settings: Settings, partition: int, offset: int) -> Prediction:
    topic = settings.topic_predictions
    where = f"{topic}, partition {partition}, offset {offset}"
    consumer = kafka.create_consumer(settings, f"{topic}-trace", enable_partition_eof=True)
    try:
        message = _message(consumer, TopicPartition(topic, partition, offset), settings)
    except KafkaException as failure:
        raise BrokerUnreachable(
            f"cannot read {where} ({failure.args[0].str()}): see to the broker"
        ) from None
    finally:
        consumer.close()
    if message is None or message.offset() != offset:
        raise BadSetting(f"there is no record at {where} (any more)")
    return _decoded(message.value(), where)


def _message(consumer: Consumer, place: TopicPartition, settings: Settings) -> Message | None:
    """The first committed one from there on; None at the end."""
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


def _decoded(value: bytes | None, where: str) -> Prediction:
    try:
        return codec.decode_prediction(value)
    except InvalidRecord as invalid:
        raise BadSetting(f"{where} is no prediction: {invalid}") from None
