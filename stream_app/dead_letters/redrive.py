"""Produces the records of dead letters again, each once, to the topics that they came from.

A transaction contains records and a marker for each. All redrives of the scorer's group use one
transactional id. A new redrive ends an earlier one and its transaction *before* it reads the
markers. So a marked record was redriven and an unmarked one was not, however the earlier one ended.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from contract import codec, kafka, kafka_security
from contract.errors import BrokerUnreachable, WorkerFailed
from contract.events import Redrive
from contract.topics import topics
from stream_app.dead_letters.filter import DeadLetterFilter, StoredDeadLetter
from stream_app.dead_letters.reader import read_dead_letters
from stream_app.settings import ScorerSettings

BATCH_SIZE: Final = 200
"""Maximum number of records per transaction."""

ORIGIN_HEADER: Final = "redriven-from"
"""Header of a redriven record: topic-partition-offset of the original."""


@dataclass
class RedriveResult:
    """What became of the selected dead letters.

    Attributes:
        redriven: Number of records that were produced again.
        already_redriven: Number of dead letters that an earlier redrive had handled.
        truncated: Number of dead letters that do not contain the complete record.
    """

    redriven: int = 0
    already_redriven: int = 0
    truncated: int = 0


def redrive(settings: ScorerSettings, selected: DeadLetterFilter) -> RedriveResult:
    """Redrives the selected dead letters that are complete and were not redriven before.

    Raises:
        BrokerUnreachable: The broker does not answer.
        WorkerFailed: Another redrive was started meanwhile.
        BadSetting: There is no dead letter for a selected position; nothing was redriven.
    """
    kafka.check_broker(settings)
    kafka.ensure_topics(settings, topics(settings))
    producer = kafka.create_producer(
        settings,
        transactional_id=f"{settings.scorer_group}-redrive",
        transaction_timeout_ms=round(settings.transaction_timeout * 1000),
    )
    result = RedriveResult()
    batch: list[StoredDeadLetter] = []
    try:
        producer.init_transactions(settings.kafka_timeout)
        dead_letters: Iterable[StoredDeadLetter] = read_dead_letters(settings, selected)
        if selected.positions:  # few: all must exist before any is redriven
            dead_letters = list(dead_letters)
        for stored in dead_letters:
            if stored.redriven:
                result.already_redriven += 1
            elif stored.dead_letter.truncated is not None:
                result.truncated += 1
            else:
                batch.append(stored)
            if len(batch) == BATCH_SIZE:
                _redrive_batch(settings, producer, batch, result)
        _redrive_batch(settings, producer, batch, result)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise _redrive_error(_root_error(settings, producer, failure.args[0]), result) from None
    return result


def _redrive_batch(
    settings: ScorerSettings,
    producer: Producer,
    batch: list[StoredDeadLetter],
    result: RedriveResult,
) -> None:
    """Produces the records of a batch and their markers in one transaction; empties the batch."""
    if not batch:
        return
    producer.begin_transaction()
    marker_topic = topics(settings).redrives.name
    now = round(time.time() * 1000)
    for stored in batch:
        dead_letter = stored.dead_letter
        origin = f"{dead_letter.topic}-{dead_letter.partition}-{dead_letter.offset}".encode()
        kafka.produce(
            producer,
            dead_letter.topic,
            dead_letter.value,
            key=dead_letter.key,
            partition=dead_letter.partition,
            headers=[*_without_origin(dead_letter.headers), (ORIGIN_HEADER, origin)],
        )
        marker = Redrive(stored.partition, stored.offset, stored.timestamp, now)
        kafka.produce(producer, marker_topic, codec.encode(marker))
    producer.commit_transaction(settings.kafka_timeout)
    result.redriven += len(batch)
    batch.clear()


def _without_origin(
    headers: Iterable[tuple[str, bytes | None]],
) -> list[tuple[str, bytes | None]]:
    return [header for header in headers if header[0] != ORIGIN_HEADER]


def _root_error(settings: ScorerSettings, producer: Producer, error: KafkaError) -> KafkaError:
    """The error of an abort, if only that shows whether another redrive was started.

    This is so if the broker requires an abort, or if a client that is already broken rejected a
    message: that error has no reason and does not even count as fatal.
    """
    if error.txn_requires_abort() or error.code() == KafkaError._FATAL:
        try:
            producer.abort_transaction(settings.kafka_timeout)
        except KafkaException as failure:
            error = failure.args[0]
    return error


def _redrive_error(error: KafkaError, result: RedriveResult) -> BrokerUnreachable | WorkerFailed:
    done = f"{result.redriven} were redriven, and will not be redriven again if you start again"
    if error.fatal():
        return WorkerFailed(f"another redrive was started ({error.str()}): {done}")
    return BrokerUnreachable(
        f"cannot redrive ({error.str()}): check that the broker is running; {done}"
    )
