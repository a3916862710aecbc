"""`intent.Client`: produce records, read predictions, report outcomes, request retrainings."""

import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self

import msgspec
from confluent_kafka import KafkaError, Message, Producer

from contract import codec, kafka
from contract.errors import BrokerUnreachable, InvalidRecord
from contract.events import CustomerRecord, Outcome, RetrainingRequest
from contract.process import current_user
from contract.schema import Schema
from contract.settings import Settings, load, schema_of
from contract.topic_encodings import TopicWriter, topic_writers
from contract.topics import Topic, topics
from intent.prediction_stream import PredictionStream

PURGE_WAIT: Final = 1.0
"""Seconds to wait for the delivery reports of messages that were given up."""


class DeliveryFailed(BrokerUnreachable):
    """The broker did not acknowledge every message.

    Attributes:
        delivered: Number of messages of the call that the broker acknowledged.
    """

    def __init__(self, text: str, delivered: int) -> None:
        super().__init__(text)
        self.delivered = delivered


class Client:
    """A client of a running pipeline. A context manager; not for use by several threads at once.

    Settings come from the arguments, else from `INTENT_*` variables, else from `intent.toml`, as
    for the command `intent`.

    Args:
        **settings: Settings by name, for example `kafka_bootstrap` or `schema_file`; see
            docs/settings.md, section "every stage".

    Raises:
        BadSetting: A setting is unknown, malformed or out of range.

    Example:
        >>> with intent.Client(kafka_bootstrap="127.0.0.1:9092") as client:
        ...     predictions = client.predictions(idle_timeout=30)
        ...     client.produce([{"id": "a", "Gender": "Male", "Age": 35, "AnnualSalary": 60_000}])
        ...     print(next(predictions).probability)
    """

    def __init__(self, **settings: object) -> None:
        unknown = sorted(settings.keys() - Settings.model_fields.keys())
        if unknown:
            raise TypeError(f"unknown settings: {', '.join(unknown)}; see docs/settings.md")
        self._settings = load(Settings, **settings)
        self._schema = schema_of(self._settings)
        self._producer: Producer | None = None
        self._writers: dict[str, TopicWriter] | None = None
        self._streams: list[PredictionStream] = []
        self._existing_topics: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def schema(self) -> Schema:
        """The schema of the records, predictions and outcomes."""
        return self._schema

    def close(self) -> None:
        """Ends the iterators of predictions. Idempotent."""
        for stream in self._streams:
            stream.close()
        self._streams.clear()
        self._producer = None

    def produce(self, records: Iterable[CustomerRecord | Mapping[str, Any]]) -> int:
        """Validates records and publishes them to `customers`.

        Nothing is published if a record is invalid.

        Args:
            records: Event objects (`schema.events.record`) or mappings with the fields of the
                schema, and optionally `id` (joins predictions and outcomes) and `event_time` (ms
                since the epoch).

        Returns:
            The number of records, after the broker has acknowledged all of them.

        Raises:
            InvalidRecord: A record does not match the schema; `detail` has its index.
            DeliveryFailed: The broker did not acknowledge all records.
            BrokerUnreachable: No broker answers.
            TopicUnavailable: The topic does not exist and cannot be created.
            AccessDenied: Kafka rejects the login, or the permission is missing.
            SchemaRejected: The topic's Avro schema cannot hold a record.
            SchemaRegistryUnavailable: No Schema Registry answers.

        Example:
            >>> client.produce([{"Gender": "Male", "Age": 35, "AnnualSalary": 60_000}])
            1
        """
        messages = []
        for index, record in enumerate(records):
            value = codec.encode(record)
            try:
                event = self._schema.codec.decode_customer(value)
            except InvalidRecord as error:
                raise InvalidRecord(error.reason, f"record {index}: {error.detail}") from None
            messages.append((event.id, value))
        return self._publish(topics(self._settings).customers, messages)

    def predictions(
        self,
        start: Literal["beginning", "end"] = "end",
        group: str | None = None,
        idle_timeout: float | None = None,
    ) -> PredictionStream:
        """Reads predictions of committed transactions.

        Without a group every caller reads all partitions, and starts at `start` as of this call.
        With a group its members share the partitions and resume after the last prediction that a
        member processed: a prediction counts as processed when the next one is requested, so it can
        be read again after a crash (at least once).

        Args:
            start: Where to start without a group, or if the group has no offsets.
            group: Consumer group.
            idle_timeout: Seconds without a prediction after which iteration ends; None never ends
                it.

        Returns:
            An iterator of `Prediction` events. `close`, from any thread, ends it.

        Raises:
            BrokerUnreachable: No broker answers, or the topic does not exist.
            AccessDenied: Kafka rejects the login, or the permission is missing.

        Example:
            >>> for prediction in client.predictions(start="beginning", idle_timeout=5):
            ...     print(prediction.id, prediction.prediction, prediction.probability)
        """
        self._ensure_topic(topics(self._settings).predictions)
        stream = PredictionStream(self._settings, start, group, idle_timeout)
        self._streams.append(stream)
        return stream

    def report_outcome(self, record_id: str, outcome: Any) -> Outcome:
        """Publishes the ground truth of a record to `outcomes`.

        Args:
            record_id: The record's `id`.
            outcome: The class that was observed, for the cars 0 or 1; or the number.

        Returns:
            The published event, after the broker has acknowledged it.

        Raises:
            InvalidRecord: The id or the class does not match the schema.
            DeliveryFailed: The broker did not acknowledge the outcome.
            BrokerUnreachable: No broker answers.

        Example:
            >>> client.report_outcome("a", 1)
            Outcome(id='a', actual=1)
        """
        value = msgspec.json.encode({"id": record_id, self._schema.target.wire_name: outcome})
        event = self._schema.codec.decode_outcome(value)
        self._publish(topics(self._settings).outcomes, [(event.id, codec.encode(event))])
        return event

    def request_retraining(
        self, reason: str, urgent: bool = False, requested_by: str | None = None
    ) -> str:
        """Publishes a retraining request. It waits on its topic until `intent train --serve` runs.

        Args:
            reason: Reason, for the lifecycle log.
            urgent: Whether to start without waiting for the cooldown between trainings.
            requested_by: Person or program; None is user@host.

        Returns:
            The id of the request, after the broker has acknowledged it.

        Raises:
            DeliveryFailed: The broker did not acknowledge the request.
            BrokerUnreachable: No broker answers.

        Example:
            >>> request_id = client.request_retraining("new price list")
        """
        request = RetrainingRequest(
            id=uuid.uuid4().hex,
            requested_by=requested_by or current_user(),
            reason=reason,
            requested_at=round(time.time() * 1000),
            urgent=urgent,
        )
        topic = topics(self._settings).retraining_requests
        self._publish(topic, [(request.id, codec.encode(request))])
        return request.id

    def _publish(self, topic: Topic, messages: list[tuple[str | None, bytes]]) -> int:
        if not messages:
            return 0
        self._ensure_topic(topic)
        if self._producer is None:
            self._producer = kafka.create_producer(self._settings)
        producer = self._producer
        delivered = 0
        errors: list[KafkaError] = []

        def on_delivery(error: KafkaError | None, _: Message) -> None:
            nonlocal delivered
            if error is None:
                delivered += 1
            else:
                errors.append(error)

        if self._writers is None:
            self._writers = topic_writers(self._settings)
        writer = self._writers.get(topic.name)
        for key, value in messages:
            encoded = value if writer is None else writer.encode(value)
            kafka.produce(producer, topic.name, encoded, key=key, on_delivery=on_delivery)
            producer.poll(0)
        if producer.flush(self._settings.kafka_timeout):
            producer.purge()
            producer.flush(PURGE_WAIT)
            self._producer = None
        if delivered < len(messages):
            reason = errors[0].str() if errors else "no acknowledgement"
            raise DeliveryFailed(
                f"{topic.name}: {delivered} of {len(messages)} messages were acknowledged "
                f"({reason}): check that the broker is running, and send the others again",
                delivered,
            )
        return delivered

    def _ensure_topic(self, topic: Topic) -> None:
        if topic.name not in self._existing_topics:
            kafka.ensure_topics(self._settings, [topic])
            self._existing_topics.add(topic.name)
