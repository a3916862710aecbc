"""Reads `predictions` as typed events, for `intent.Client`."""

import threading
import time
import uuid
from collections import deque
from typing import Final, Literal, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable
from contract.events import Prediction
from contract.settings import Settings, schema_of

BATCH_SIZE: Final = 500
POLL_TIMEOUT: Final = 0.2
"""Seconds. `close` takes effect within this time."""


class PredictionStream:
    """An iterator of predictions; also a context manager.

    Iteration ends after `close`, which any thread may call, or after `idle_timeout` seconds without
    a prediction. Only predictions of committed transactions are read.

    Args:
        settings: Settings of the pipeline.
        start: Where to start without a group, or if the group has no offsets.
        group: Consumer group; see `Client.predictions`.
        idle_timeout: Seconds without a prediction after which iteration ends; None never ends it.

    Raises:
        BrokerUnreachable: No broker answers.
        AccessDenied: Kafka rejects the login, or the permission is missing.
    """

    def __init__(
        self,
        settings: Settings,
        start: Literal["beginning", "end"] = "end",
        group: str | None = None,
        idle_timeout: float | None = None,
    ) -> None:
        self._settings = settings
        self._topic = settings.topic_predictions
        self._decode = schema_of(settings).codec.decode_prediction
        self._idle_timeout = idle_timeout
        self._has_group = group is not None
        self._batch: deque[Message] = deque()
        self._last: Message | None = None
        self._stop = threading.Event()
        self._in_use = threading.Lock()
        self._is_closed = False
        kafka.check_broker(settings)
        reset = {"beginning": "earliest", "end": "latest"}[start]
        self._consumer: Consumer = kafka.create_consumer(
            settings, group or f"reader-{uuid.uuid4().hex}", auto_offset_reset=reset
        )
        try:
            if group is None:
                self._assign(start)
            else:
                self._consumer.subscribe([self._topic])
        except KafkaException as failure:
            self._consumer.close()
            raise self._error(failure.args[0]) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Prediction:
        """The next prediction.

        Raises:
            StopIteration: The stream was closed, or `idle_timeout` has passed.
            BrokerUnreachable: The broker reports an error.
            InvalidRecord: A message on the topic is not a prediction of the schema.
        """
        with self._in_use:
            return self._next()

    def close(self) -> None:
        """Ends the iteration and closes the consumer, from any thread. Idempotent.

        A `next` that another thread waits for ends within 0.2 s.
        """
        self._stop.set()
        if self._in_use.acquire(blocking=False):  # else the running `next` closes the consumer
            try:
                self._release()
            finally:
                self._in_use.release()

    def _next(self) -> Prediction:
        self._commit()
        deadline = None if self._idle_timeout is None else time.monotonic() + self._idle_timeout
        while not self._stop.is_set():
            if self._batch:
                message = self._batch.popleft()
                self._last = message
                return self._decode(message.value())
            for message in self._consumer.consume(BATCH_SIZE, POLL_TIMEOUT):
                error = message.error()
                if error is not None:
                    raise self._error(error)
                self._batch.append(message)
            if not self._batch and deadline is not None and time.monotonic() > deadline:
                break
        self._release()
        raise StopIteration

    def _commit(self) -> None:
        """Commits the prediction that the caller has processed by asking for the next one."""
        if self._last is None or not self._has_group or self._is_closed:
            return
        message, self._last = self._last, None
        try:
            self._consumer.commit(message=message, asynchronous=True)
        except KafkaException as failure:
            raise self._error(failure.args[0]) from None

    def _release(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._stop.set()
            self._consumer.close()

    def _assign(self, start: Literal["beginning", "end"]) -> None:
        timeout = self._settings.kafka_timeout
        metadata = self._consumer.list_topics(self._topic, timeout=timeout).topics[self._topic]
        if metadata.error is not None:
            raise KafkaException(metadata.error)
        places = []
        for number in metadata.partitions:
            offset = OFFSET_BEGINNING
            if start == "end":
                offset = kafka.watermark_offsets(self._consumer, self._topic, number, timeout)[1]
            places.append(TopicPartition(self._topic, number, offset))
        self._consumer.assign(places)

    def _error(self, error: KafkaError) -> BrokerUnreachable:
        kafka_security.raise_if_denied(self._settings, error)
        return BrokerUnreachable(
            f"cannot read {self._topic} ({error.str()}): check that the broker is running and that "
            "the topic exists"
        )
