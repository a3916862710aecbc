"""Publishes a test record to `customers` and waits for its prediction or dead letter."""

import time
import uuid
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from contract import codec, kafka
from contract.errors import InvalidRecord, PipelineError
from contract.events import DeadLetter, Prediction
from contract.settings import schema_of
from contract.topic_encodings import topic_writer
from contract.topics import Topic, Topics
from monitoring.pages.form_fields import FormValues, encode_form_record
from monitoring.settings import MonitoringSettings

Position = tuple[int, int]
"""Partition of `customers`, and offset in it."""

ID_PREFIX: Final = "page-"
"""Prefix of the ids of test records."""


class NoResult(Exception):
    """The record was not published, or its result did not arrive in time. Says what to do."""


class RecordResult(Struct, frozen=True):
    """Result of a test record: a prediction, or the reason and detail of a dead letter.

    Attributes:
        id: Id of the record.
        value: The record as published, JSON.
        partition: Partition of `customers` that it was published to.
        offset: Its offset there.
        seconds: Time from publishing the record to reading its result.
        prediction: The prediction; None for a dead letter.
        reason: Reason of the dead letter; None for a prediction.
        detail: Its detail; None for a prediction.
    """

    id: str
    value: str
    partition: int
    offset: int
    seconds: float
    prediction: Prediction | None = None
    reason: str | None = None
    detail: str | None = None


class RecordTester:
    """Tests records. Each call has its own Kafka clients, so that calls can be concurrent."""

    def __init__(self, settings: MonitoringSettings, topics: Topics) -> None:
        self._settings = settings
        self._schema = schema_of(settings)
        self._topics = topics

    def run(self, values: FormValues) -> RecordResult:
        """Publishes a record and waits for its result.

        Raises:
            InvalidRecord: The values do not match the schema; nothing was published.
            NoResult: The broker failed, the Schema Registry has no schema, or no result arrived
                within the timeout.
        """
        record_id = f"{ID_PREFIX}{uuid.uuid4().hex}"
        value = encode_form_record(values, record_id, self._schema)
        encoded = self._encode(value)
        group = f"{self._settings.monitoring_group}-page-form"
        consumer = kafka.create_consumer(self._settings, group)
        try:
            self._assign_ends(consumer, self._topics.predictions, self._topics.dead_letters)
            sent_at, delivered = self._publish(record_id, encoded)
            position = int(delivered.partition() or 0), int(delivered.offset() or 0)
            event = self._wait_for_result(consumer, record_id, position)
            seconds = round(time.monotonic() - sent_at, 4)
        except KafkaException as failure:
            raise NoResult(
                f"the broker failed ({failure.args[0].str()}): check that it is running"
            ) from None
        finally:
            consumer.close()
        if not isinstance(event, DeadLetter):
            return RecordResult(record_id, value.decode(), *position, seconds, prediction=event)
        return RecordResult(
            record_id,
            value.decode(),
            *position,
            seconds,
            reason=event.reason,
            detail=event.detail,
        )

    def _encode(self, value: bytes) -> bytes | None:
        """The value in the topic's encoding."""
        try:
            writer = topic_writer(self._settings, self._topics.customers.name)
            return writer.encode(value) if writer else value
        except PipelineError as failure:
            raise NoResult(str(failure)) from None

    def _assign_ends(self, consumer: Consumer, *topics: Topic) -> None:
        timeout = self._settings.kafka_timeout
        metadata = consumer.list_topics(timeout=timeout).topics
        partitions = [
            TopicPartition(topic.name, number)
            for topic in topics
            if topic.name in metadata
            for number in metadata[topic.name].partitions
        ]
        for partition in partitions:
            _, partition.offset = kafka.watermark_offsets(
                consumer, partition.topic, partition.partition, timeout
            )
        consumer.assign(partitions)

    def _publish(self, record_id: str, value: bytes | None) -> tuple[float, Message]:
        """Returns when the record was sent, without the time to connect, and its delivery."""
        deliveries: list[tuple[KafkaError | None, Message]] = []
        producer = kafka.create_producer(
            self._settings, on_delivery=lambda error, message: deliveries.append((error, message))
        )
        producer.list_topics(self._topics.customers.name, self._settings.kafka_timeout)
        sent_at = time.monotonic()
        kafka.produce(producer, self._topics.customers.name, value, key=record_id.encode())
        producer.flush(self._settings.test_record_timeout)
        if not deliveries:
            raise NoResult(
                "the broker did not acknowledge the record within "
                f"{self._settings.test_record_timeout:g} s: check that it is running, and try again"
            )
        error, message = deliveries[0]
        if error is not None:
            raise KafkaException(error)
        return sent_at, message

    def _wait_for_result(
        self, consumer: Consumer, record_id: str, position: Position
    ) -> Prediction | DeadLetter:
        deadline = time.monotonic() + self._settings.test_record_timeout
        while (remaining := deadline - time.monotonic()) > 0:
            for message in consumer.consume(1_000, min(remaining, 0.02)):
                if message.error() is None and (
                    event := self._match_result(message, record_id, position)
                ):
                    return event
        partition, offset = position
        raise NoResult(
            f"no prediction arrived within {self._settings.test_record_timeout:g} s: check that a "
            "worker is running, and its lag. The record was published to "
            f"{self._topics.customers.name}, partition {partition}, offset {offset}."
        )

    def _match_result(
        self, message: Message, record_id: str, position: Position
    ) -> Prediction | DeadLetter | None:
        """Returns the message's event if it is the record's result."""
        value = message.value() or b""
        try:
            if message.topic() == self._topics.dead_letters.name:
                event: Prediction | DeadLetter = codec.decode_dead_letter(value)
            elif record_id.encode() in value:  # other predictions need not be decoded
                event = self._schema.codec.decode_prediction(value)
            else:
                return None
        except InvalidRecord:  # another program may write to the topic
            return None
        if isinstance(event, DeadLetter):
            return event if (event.partition, event.offset) == position else None
        return event if event.id == record_id else None
