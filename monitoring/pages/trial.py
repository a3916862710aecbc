"""One record -> `customers`, and its answer back through the topics. Owns the clients for that."""

import time
import uuid
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from contract import codec, kafka
from contract.errors import InvalidRecord
from contract.events import DeadLetter, Prediction
from contract.topics import Topic, Topics
from monitoring.pages.fields import Given, record
from monitoring.settings import MonitoringSettings

Offset = tuple[int, int]
"""A partition of `customers`, and the offset in it."""

ID: Final = "page-"
"""How the ids begin of records that were published from the page."""


class NoAnswer(Exception):
    """The record was not taken, or has no answer in time. Its text says what to do."""


class Answer(Struct, frozen=True):
    """What became of a record.

    Attributes:
        value: the record as it was published, JSON; `partition` and `offset`, where.
        seconds: from when it was sent to when its answer was read here.
        prediction: what was predicted, or
        reason, detail: why it became a dead letter.
    """

    id: str
    value: str
    partition: int
    offset: int
    seconds: float
    prediction: Prediction | None = None
    reason: str | None = None
    detail: str | None = None


class Trial:
    """Publishes one record at a time and looks for its answer; each call has clients of its own."""

    def __init__(self, settings: MonitoringSettings, topics: Topics) -> None:
        self._settings = settings
        self._topics = topics

    def run(self, given: Given) -> Answer:
        """What becomes of a record. Raises `InvalidRecord`, or `NoAnswer`."""
        name = f"{ID}{uuid.uuid4().hex}"
        value = record(given, name)
        group = f"{self._settings.monitoring_group}-page-form"
        consumer = kafka.consumer(self._settings, group)
        try:
            self._from_now_on(consumer, self._topics.predictions, self._topics.dead_letters)
            sent, taken = self._publish(name, value)
            place = int(taken.partition() or 0), int(taken.offset() or 0)
            found = self._wait(consumer, name, place)
            seconds = round(time.monotonic() - sent, 4)
        except KafkaException as failure:
            raise NoAnswer(f"the broker does not help: {failure.args[0].str()}") from None
        finally:
            consumer.close()
        if isinstance(found, Prediction):
            return Answer(name, value.decode(), *place, seconds, prediction=found)
        return Answer(
            name, value.decode(), *place, seconds, reason=found.reason, detail=found.detail
        )

    def _from_now_on(self, consumer: Consumer, *topics: Topic) -> None:
        timeout = self._settings.kafka_timeout
        known = consumer.list_topics(timeout=timeout).topics
        places = [
            TopicPartition(topic.name, number)
            for topic in topics
            if topic.name in known
            for number in known[topic.name].partitions
        ]
        for each in places:
            _, each.offset = kafka.extent(consumer, each.topic, each.partition, timeout)
        consumer.assign(places)

    def _publish(self, name: str, value: bytes) -> tuple[float, Message]:
        """When it was sent, once the producer had its connection, and where it stands."""
        told: list[tuple[KafkaError | None, Message]] = []
        producer = kafka.producer(
            self._settings, on_delivery=lambda error, message: told.append((error, message))
        )
        producer.list_topics(self._topics.customers.name, self._settings.kafka_timeout)
        sent = time.monotonic()
        kafka.produce(producer, self._topics.customers.name, value, key=name.encode())
        producer.flush(self._settings.test_record_timeout)
        if not told:
            raise NoAnswer("the broker has not taken the record: see to it, and try again")
        error, message = told[0]
        if error is not None:
            raise KafkaException(error)
        return sent, message

    def _wait(self, consumer: Consumer, name: str, place: Offset) -> Prediction | DeadLetter:
        deadline = time.monotonic() + self._settings.test_record_timeout
        while (left := deadline - time.monotonic()) > 0:
            for message in consumer.consume(1_000, min(left, 0.02)):
                if message.error() is None and (found := self._answer(message, name, place)):
                    return found
        raise NoAnswer(
            f"the record is in {self._topics.customers.name} (partition {place[0]}, offset "
            f"{place[1]}), but no prediction came within {self._settings.test_record_timeout:g} s: "
            "see whether a scorer runs and how far it is behind"
        )

    def _answer(self, message: Message, name: str, place: Offset) -> Prediction | DeadLetter | None:
        """What the message says of the record, if it is of that one."""
        value = message.value() or b""
        try:
            if message.topic() == self._topics.dead_letters.name:
                event: Prediction | DeadLetter = codec.decode_dead_letter(value)
            elif name.encode() in value:  # else it need not be decoded
                event = codec.decode_prediction(value)
            else:
                return None
        except InvalidRecord:  # somebody else's
            return None
        if isinstance(event, Prediction):
            return event if event.id == name else None
        return event if (event.partition, event.offset) == place else None
