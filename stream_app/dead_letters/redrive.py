"""Dead letters -> their records in the topics that they came from, each once.

A transaction holds records and a mark for each. All redrives of a scorer's group run under one
transactional id: a second one ends the first and its transaction *before* it reads the marks, so
what is marked was redriven and what is not was not, however the first one ended.
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
from stream_app.dead_letters.filter import Found, Selection
from stream_app.dead_letters.reading import dead_letters
from stream_app.settings import ScorerSettings

TOGETHER: Final = 200
"""Most records of one transaction."""

ORIGIN: Final = "redriven-from"
"""Header of a redriven record: topic-partition-offset of the one that it repeats."""


@dataclass
class Redriveed:
    """What became of the selected dead letters."""

    redriven: int = 0
    before: int = 0
    cut: int = 0


def redrive(settings: ScorerSettings, selection: Selection) -> Redriveed:
    """Redrives those that are whole and were not redriven before.

    Raises `BrokerUnreachable`, `WorkerFailed` where another redrive has begun meanwhile, and, with
    nothing redriven, `BadSetting` where a selected place has no dead letter.
    """
    kafka.check_broker(settings)
    kafka.ensure_topics(settings, topics(settings))
    producer = kafka.create_producer(
        settings,
        transactional_id=f"{settings.scorer_group}-redrive",
        transaction_timeout_ms=round(settings.transaction_timeout * 1000),
    )
    result = Redriveed()
    waiting: list[Found] = []
    try:
        producer.init_transactions(settings.kafka_timeout)
        selected: Iterable[Found] = dead_letters(settings, selection)
        if selection.places:  # few: all must be there before any is redriven
            selected = list(selected)
        for found in selected:
            if found.redriven:
                result.before += 1
            elif found.letter.truncated is not None:
                result.cut += 1
            else:
                waiting.append(found)
            if len(waiting) == TOGETHER:
                _transact(settings, producer, waiting, result)
        _transact(settings, producer, waiting, result)
    except KafkaException as failure:
        kafka_security.raise_if_denied(settings, failure.args[0])
        raise _error(_decisive(settings, producer, failure.args[0]), result) from None
    return result


def _transact(
    settings: ScorerSettings, producer: Producer, waiting: list[Found], result: Redriveed
) -> None:
    """Writes what waits and the marks of it, all or nothing."""
    if not waiting:
        return
    producer.begin_transaction()
    marks = topics(settings).redrives.name
    now = round(time.time() * 1000)
    for found in waiting:
        letter = found.letter
        origin = f"{letter.topic}-{letter.partition}-{letter.offset}".encode()
        kafka.produce(
            producer,
            letter.topic,
            letter.value,
            key=letter.key,
            partition=letter.partition,
            headers=[*_without(letter.headers, ORIGIN), (ORIGIN, origin)],
        )
        mark = Redrive(found.partition, found.offset, found.timestamp, now)
        kafka.produce(producer, marks, codec.encode(mark))
    producer.commit_transaction(settings.kafka_timeout)
    result.redriven += len(waiting)
    waiting.clear()


def _without(
    headers: Iterable[tuple[str, bytes | None]], name: str
) -> list[tuple[str, bytes | None]]:
    return [header for header in headers if header[0] != name]


def _decisive(settings: ScorerSettings, producer: Producer, error: KafkaError) -> KafkaError:
    """What is said to an abort, where only that tells whether another redrive has begun.

    So it is where the broker wants one, and where a message was refused by a client that is broken
    already: that error gives no reason, and does not even count as fatal.
    """
    if error.txn_requires_abort() or error.code() == KafkaError._FATAL:
        try:
            producer.abort_transaction(settings.kafka_timeout)
        except KafkaException as failure:
            error = failure.args[0]
    return error


def _error(error: KafkaError, result: Redriveed) -> BrokerUnreachable | WorkerFailed:
    done = f"{result.redriven} were redriven; none of them is again if you start again"
    if error.fatal():
        return WorkerFailed(f"another redrive has begun ({error.str()}): {done}")
    return BrokerUnreachable(f"cannot redrive ({error.str()}): see to the broker; {done}")
