"""A scored batch -> `predictions`, dead letters and offsets, all or nothing. Owns the producer."""

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
from stream_app.scoring.message import Outgoing
from stream_app.scoring.score import Scored
from stream_app.settings import ScorerSettings
from stream_app.transport.batches import Batch

log = logging.getLogger(__name__)

CALL_TIMEOUT: Final = 2.0
"""Seconds that one call to the broker may take before it is logged and made again."""

COORDINATOR_TIMEOUT: Final = 60.0
"""Seconds that a transaction coordinator may take to get ready while its broker answers: it reads
its log first, and after a crash that takes a while."""

IN_TIME: Final = 0.6
"""Share of a transaction's time that its messages have: so the client gives them up, and aborts,
before the broker does that for a dead worker and takes our name away."""

_NOTHING_TO_ABORT: Final = (
    KafkaError.INVALID_TXN_STATE,
    KafkaError.INVALID_PRODUCER_ID_MAPPING,
    KafkaError._TIMED_OUT,
)
"""Errors after which the producer is of no use, though no other worker has taken our name. The
broker has nothing to abort, and the client takes that for fatal: after messages have timed out,
where a topic of the next transaction is gone. Or the broker has forgotten the name, for the worker
was idle for longer than the broker's `transactional.id.expiration.ms`, a week by default. Or a call
of the client did not return."""


class Aborted(Exception):
    """Nothing of the batch was written; it has to be read again."""


class TooLarge(TopicUnavailable):
    """A topic did not take a message of the batch for its size; nothing was written."""


class ShadowFailed(Exception):
    """The topic of the shadow took none of its predictions; nothing was written."""


class Transactions:
    """The transactional producer of one worker. All of it is used by one thread at a time."""

    def __init__(self, settings: ScorerSettings, topics: Topics) -> None:
        self._settings = settings
        self._topics = topics
        self._producer = self._made()
        self._began_at = 0.0
        self._giving_up = threading.Event()

    def open(self) -> None:
        """Fences an earlier worker of this name and ends its transaction.

        Raises:
            BrokerUnreachable: No broker answers, or no transaction coordinator gets ready in time.
            AccessDenied: This transactional id is not ours to take.
            WorkerFailed: The worker was told to stop meanwhile.
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
                self._wait(error)
                kafka.check_broker(self._settings)
            else:
                return

    def write(self, scored: Scored) -> None:
        """Begins a transaction and queues all of a scored batch in it. Waits for nothing.

        Raises as `commit` does, and `ShadowFailed`.
        """
        with self._aborting():
            self._began_at = time.monotonic()
            self._producer.begin_transaction()
            self._produce(self._topics.predictions.name, scored.predictions)
            self._produce(self._topics.dead_letters.name, scored.dead_letters)
            if scored.shadow is not None:
                self._produce_shadow(scored.shadow.predictions)

    def commit(self, batch: Batch) -> None:
        """Ends the transaction, the batch's offsets in it. A broker that is away is waited for.

        Raises `Aborted` when the batch must be read again, `TooLarge` when a part of it is,
        `AccessDenied` when we may not write, and `WorkerFailed` when this worker was fenced or its
        client is broken.
        """
        producer = self._producer
        with self._aborting():
            self._until_done(
                lambda: producer.send_offsets_to_transaction(
                    batch.next_offsets, batch.group, CALL_TIMEOUT
                )
            )
            self._until_done(lambda: producer.commit_transaction(CALL_TIMEOUT))

    def give_up(self) -> None:
        """Ends the wait for a broker that is away: the broker will abort the transaction."""
        self._giving_up.set()

    @contextmanager
    def _aborting(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            kafka_security.raise_if_denied(self._settings, error)
            too_large = error.code() == KafkaError.MSG_SIZE_TOO_LARGE
            is_known = error.code() != KafkaError.INVALID_PRODUCER_ID_MAPPING
            if (is_known and error.txn_requires_abort()) or too_large:
                log.warning("transaction aborted: %s", error.str())
                self._abort()
            else:
                self._replace_producer(error)
            if too_large:
                raise TooLarge(
                    f"{self._topics.predictions.name} or {self._topics.dead_letters.name} takes no "
                    "message as large as one of this batch: raise the max.message.bytes of both, "
                    "and start again"
                ) from None
            raise Aborted(error.str()) from None

    def _abort(self) -> None:
        """Raises `WorkerFailed` where only now it is told that another worker has our name."""
        producer = self._producer
        try:
            self._until_done(lambda: producer.abort_transaction(CALL_TIMEOUT))
        except KafkaException as failure:
            self._replace_producer(failure.args[0])

    def _replace_producer(self, error: KafkaError) -> None:
        """Makes a new producer, which ends the transaction of the one before.

        Raises `WorkerFailed` where it seems that another worker has our name.
        """
        if not (
            error.code() in _NOTHING_TO_ABORT
            or time.monotonic() - self._began_at > self._settings.transaction_timeout
        ):
            raise WorkerFailed(
                f"the transactional producer failed ({error.str()}): check that no other worker "
                "runs under the same INTENT_WORKER_ID, and start again"
            )
        log.warning("creating a new transactional producer: %s", error.str())
        self._producer = self._made()
        self.open()

    def _made(self) -> Producer:
        """A producer under our name."""
        lasts_ms = round(self._settings.transaction_timeout * 1000)
        return kafka.create_producer(
            self._settings,
            transactional_id=f"{self._settings.scorer_group}-{self._settings.worker_id}",
            transaction_timeout_ms=lasts_ms,
            message_timeout_ms=round(IN_TIME * lasts_ms),
        )

    def _until_done(self, call: Callable[[], None]) -> None:
        """Makes a call again for as long as it fails for a reason that passes."""
        while True:
            try:
                return self._call(call)
            except KafkaException as failure:
                error: KafkaError = failure.args[0]
                if not error.retriable():
                    raise
                self._wait(error)

    def _wait(self, error: KafkaError) -> None:
        if self._giving_up.is_set():
            raise WorkerFailed(f"stopped in a transaction: {error.str()}")
        log.warning("waiting for the broker: %s", error.str())

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

    def _produce_shadow(self, messages: list[Outgoing]) -> None:
        try:
            self._produce(self._topics.shadow.name, messages)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.fatal():
                raise
            self._abort()
            raise ShadowFailed(f"{self._topics.shadow.name}: {error.str()}") from None

    def _produce(self, topic: str, messages: list[Outgoing]) -> None:
        """Queues messages in order: in one call where none has headers, which that cannot take."""
        if any(["headers" in message for message in messages]):  # noqa: C419  a list is quicker
            for message in messages:
                kafka.produce(self._producer, topic, **message)
        else:
            kafka.produce_batch(self._producer, topic, cast("list[dict[str, Any]]", messages))
