"""Writes predictions, dead letters and offsets of a batch in one transaction. Owns the producer."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from confluent_kafka import KafkaError, KafkaException, Producer

from contract import kafka, kafka_security
from contract.errors import BrokerUnreachable, TopicUnavailable, WorkerFailed
from contract.topics import Topics
from stream_app.scoring.message import MessageLimits, OutgoingMessage
from stream_app.scoring.score import ScoredBatch
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch

log = logging.getLogger(__name__)

CALL_TIMEOUT: Final = 2.0
"""Seconds that one call to the broker may take before it is logged and repeated."""

COORDINATOR_TIMEOUT: Final = 60.0
"""Seconds that a transaction coordinator may take to get ready while its broker answers. It reads
its log first, which takes a while after a crash."""

DEFAULT_BATCH_BYTES: Final = 1_000_000
"""librdkafka's `batch.size`."""

MESSAGE_TIMEOUT_RATIO: Final = 0.6
"""Message timeout as a share of the transaction timeout. With it the client aborts a transaction
before the broker does, which would fence this producer."""

_NOTHING_TO_ABORT: Final = (
    KafkaError.INVALID_TXN_STATE,
    KafkaError.INVALID_PRODUCER_ID_MAPPING,
    KafkaError._TIMED_OUT,
)
"""Errors after which the producer is unusable although no other worker has fenced it.

- INVALID_TXN_STATE: the broker has nothing to abort, which the client treats as fatal. It happens
  after messages timed out, when a topic of the next transaction was deleted.
- INVALID_PRODUCER_ID_MAPPING: the broker has forgotten the transactional id, because the worker was
  idle for longer than `transactional.id.expiration.ms` (a week by default).
- _TIMED_OUT: a call of the client did not return.
"""


class TransactionAborted(Exception):
    """Nothing of the batch was written; it must be read again."""


class MessageTooLarge(TopicUnavailable):
    """A topic rejected a message of the batch for its size; nothing was written."""


class ShadowTopicError(Exception):
    """The shadow's topic rejected its predictions; nothing was written."""


class TransactionalProducer:
    """The transactional producer of one worker. Not thread-safe: one thread at a time."""

    def __init__(
        self, settings: ScorerSettings, topics: Topics, limits: MessageLimits | None = None
    ) -> None:
        """Creates the client. `limits` are those of the topics; None are Kafka's defaults."""
        self._settings = settings
        self._limits = limits
        self._topics = topics
        self._producer = self._create_producer()
        self._began_at = 0.0
        self._stop_waiting = threading.Event()

    def init_transactions(self) -> None:
        """Fences an earlier worker with the same transactional id and ends its transaction.

        Raises:
            BrokerUnreachable: No broker answers, or no transaction coordinator gets ready in time.
            AccessDenied: This user may not use the transactional id.
            WorkerFailed: The worker was stopped meanwhile.
        """
        deadline = time.monotonic() + max(COORDINATOR_TIMEOUT, self._settings.kafka_timeout)
        producer = self._producer
        while True:
            try:
                self._call(lambda: producer.init_transactions(CALL_TIMEOUT))
            except KafkaException as failure:
                error: KafkaError = failure.args[0]
                kafka_security.raise_if_denied(self._settings, error)
                if not error.retriable() or time.monotonic() > deadline:
                    raise BrokerUnreachable(
                        f"no transaction coordinator is ready at {self._settings.kafka_bootstrap} "
                        f"({error.str()}): check the broker's log, and that its "
                        "transaction.state.log.replication.factor fits its brokers"
                    ) from None
                self._log_retry(error)
                kafka.check_broker(self._settings)
            else:
                return

    def begin_batch(self, scored: ScoredBatch) -> None:
        """Begins a transaction and queues the messages of a scored batch. Never waits.

        Raises:
            ShadowTopicError: The shadow's topic rejects its predictions.
            TransactionAborted: As `commit_batch` does, like all others.
        """
        with self._aborting_on_error():
            self._began_at = time.monotonic()
            self._producer.begin_transaction()
            self._produce(self._topics.predictions.name, scored.predictions)
            self._produce(self._topics.dead_letters.name, scored.dead_letters)
            if scored.shadow is not None:
                self._produce_shadow(scored.shadow.predictions)

    def commit_batch(self, batch: Batch) -> None:
        """Commits the transaction with the offsets of the batch. Waits for an absent broker.

        Raises:
            TransactionAborted: The batch must be read again.
            MessageTooLarge: A message of the batch is too large for its topic.
            AccessDenied: This user may not write to a topic.
            WorkerFailed: Another worker fenced this one, or its client is broken.
        """
        producer = self._producer
        with self._aborting_on_error():
            self._send_offsets(batch)
            self._call_until_done(lambda: producer.commit_transaction(CALL_TIMEOUT))

    def _send_offsets(self, batch: Batch) -> None:
        """A second call tells why the transaction failed if it did so during the first one."""

        def send() -> None:
            self._producer.send_offsets_to_transaction(
                batch.next_offsets, batch.group, CALL_TIMEOUT
            )

        try:
            self._call_until_done(send)
        except KafkaException as failure:
            if failure.args[0].code() != KafkaError._STATE:
                raise
            self._call_until_done(send)

    def stop_waiting(self) -> None:
        """Stops waiting for an absent broker, which will abort the transaction itself."""
        self._stop_waiting.set()

    @contextmanager
    def _aborting_on_error(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            kafka_security.raise_if_denied(self._settings, error)
            too_large = error.code() == KafkaError.MSG_SIZE_TOO_LARGE
            id_is_valid = error.code() != KafkaError.INVALID_PRODUCER_ID_MAPPING
            if (id_is_valid and error.txn_requires_abort()) or too_large:
                log.warning("aborting the transaction: error=%s", error.str())
                self._abort()
            else:
                self._replace_producer(error)
            if too_large:
                raise MessageTooLarge(
                    f"{self._topics.predictions.name} or {self._topics.dead_letters.name} rejected "
                    "a message of this batch as too large: raise max.message.bytes of both topics, "
                    "then start again"
                ) from None
            raise TransactionAborted(error.str()) from None

    def _abort(self) -> None:
        """Raises `WorkerFailed` if the abort shows that another worker has fenced this one."""
        producer = self._producer
        try:
            self._call_until_done(lambda: producer.abort_transaction(CALL_TIMEOUT))
        except KafkaException as failure:
            self._replace_producer(failure.args[0])

    def _replace_producer(self, error: KafkaError) -> None:
        """Creates a new producer, which ends the transaction of the old one.

        Raises:
            WorkerFailed: Another worker seems to use the same transactional id.
        """
        if not (
            error.code() in _NOTHING_TO_ABORT
            or time.monotonic() - self._began_at > self._settings.transaction_timeout
        ):
            raise WorkerFailed(
                f"the transactional producer failed ({error.str()}): check that no other worker "
                "runs under the same INTENT_WORKER_ID, and start again"
            )
        log.warning("creating a new transactional producer: error=%s", error.str())
        self._producer = self._create_producer()
        self.init_transactions()

    def _create_producer(self) -> Producer:
        timeout_ms = round(self._settings.transaction_timeout * 1000)
        limits = self._limits
        max_bytes = min(limits.predictions, limits.dead_letters) if limits else DEFAULT_BATCH_BYTES
        return kafka.create_producer(
            self._settings,
            transactional_id=f"{self._settings.scorer_group}-{self._settings.worker_id}",
            transaction_timeout_ms=timeout_ms,
            message_timeout_ms=round(MESSAGE_TIMEOUT_RATIO * timeout_ms),
            # a topic's limit is that of a batch, and the client does not split a rejected one
            **({"batch_size": max_bytes} if max_bytes < DEFAULT_BATCH_BYTES else {}),
        )

    def _call_until_done(self, call: Callable[[], None]) -> None:
        """Repeats a call for as long as it fails with a retriable error."""
        while True:
            try:
                return self._call(call)
            except KafkaException as failure:
                error: KafkaError = failure.args[0]
                if not error.retriable():
                    raise
                self._log_retry(error)

    def _log_retry(self, error: KafkaError) -> None:
        """Raises `WorkerFailed` if the worker was stopped meanwhile."""
        if self._stop_waiting.is_set():
            raise WorkerFailed(f"stopped in a transaction: {error.str()}")
        log.warning("waiting for the broker: error=%s", error.str())

    def _call(self, call: Callable[[], None]) -> None:
        """Makes a call of the client in a thread, which is left behind if it does not return.

        After a broker crash `send_offsets_to_transaction` can block beyond its own timeout, for a
        minute or for good. The broker has aborted the transaction by then.

        Raises:
            KafkaException: What the call raises, or a fatal error if it does not return within the
                transaction timeout.
        """
        failures: list[KafkaException] = []

        def run() -> None:
            try:
                call()
            except KafkaException as failure:
                failures.append(failure)

        thread = threading.Thread(target=run, name="transaction-call", daemon=True)
        thread.start()
        thread.join(CALL_TIMEOUT + self._settings.transaction_timeout)
        if thread.is_alive():
            raise KafkaException(
                KafkaError(KafkaError._TIMED_OUT, "the client does not return", fatal=True)
            )
        if failures:
            raise failures[0]

    def _produce_shadow(self, messages: list[OutgoingMessage]) -> None:
        try:
            self._produce(self._topics.shadow.name, messages)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.fatal():
                raise
            self._abort()
            raise ShadowTopicError(f"{self._topics.shadow.name}: {error.str()}") from None

    def _produce(self, topic: str, messages: list[OutgoingMessage]) -> None:
        """Queues messages in order. A single call if none has headers, which it does not accept."""
        if any(["headers" in message for message in messages]):  # noqa: C419  a list is faster
            for message in messages:
                kafka.produce(self._producer, topic, **message)
        else:
            kafka.produce_batch(self._producer, topic, cast("list[dict[str, Any]]", messages))
