"""Invalid records on a real broker become dead letters; the others are scored."""

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, Message, Producer

from contract import codec
from contract.events import CONTRACT_VERSION, DeadLetter, Truncated
from contract.kafka import create_admin_client, ensure_topics
from contract.schema import CARS
from contract.schema.cars import Prediction
from contract.topics import MEBIBYTE, topics
from intent.local.delivery_check import DeliveryCheck
from intent.local.scrape import scrape
from stream_app.settings import ScorerSettings
from tests.support.builders import eventually, produce, read_all
from tests.support.records import INVALID_VALUES, MINIMAL_RECORD
from tests.support.scorer import (
    await_worker_error,
    prediction_offsets,
    with_changes,
    worker_process,
)

STRANGE = Path(__file__).with_name("strange_producer.py")
MB = 1_000_000

Result = DeadLetter | Prediction


def send(settings: ScorerSettings, *messages: dict[str, Any]) -> list[int]:
    """Writes messages to partition 0 and returns their offsets."""
    sent: list[Message] = []
    producer = Producer(
        {"bootstrap.servers": settings.kafka_bootstrap, "message.max.bytes": 12 * MB}
    )
    for message in messages:
        producer.produce(
            settings.topic_customers,
            partition=0,
            on_delivery=lambda error, each: sent.append(each) if error is None else None,
            **message,
        )
    assert producer.flush(30) == 0
    assert len(sent) == len(messages)
    return [message.offset() or 0 for message in sent]


def answers(settings: ScorerSettings, offsets: list[int]) -> list[Result]:
    """The result of each record of partition 0."""
    results: dict[int, list[Result]] = {}

    def all_found() -> bool:
        results.clear()
        for decode, topic in (
            (CARS.codec.decode_prediction, settings.topic_predictions),
            (codec.decode_dead_letter, settings.topic_dead_letters),
        ):
            for message in read_all(settings.kafka_bootstrap, topic, deadline=30):
                answer: Any = decode(message.value())
                if answer.partition == 0:
                    results.setdefault(answer.offset, []).append(answer)
        return results.keys() >= set(offsets)

    eventually(all_found, deadline=30)
    assert all(len(results[offset]) == 1 for offset in offsets)
    return [results[offset][0] for offset in offsets]


def test_each_kind_of_invalid_record_is_a_dead_letter_and_the_others_are_scored(
    shared: ScorerSettings,
) -> None:
    values = [value for bad in INVALID_VALUES for value in (bad, MINIMAL_RECORD)]
    results = answers(shared, send(shared, *({"value": value} for value in values)))
    for (value, reason), dead_letter, neighbour in zip(
        INVALID_VALUES.items(), results[::2], results[1::2], strict=True
    ):
        assert isinstance(dead_letter, DeadLetter)
        assert (dead_letter.value, dead_letter.reason) == (value, reason)
        assert (dead_letter.topic, dead_letter.contract_version) == (
            shared.topic_customers,
            CONTRACT_VERSION,
        )
        assert isinstance(neighbour, Prediction)


def test_value_of_ten_megabytes_is_kept_complete(shared: ScorerSettings) -> None:
    value = b'"' + b"x" * 10 * MB + b'"'
    dead_letter, neighbour = answers(
        shared, send(shared, {"value": value}, {"value": MINIMAL_RECORD})
    )
    assert isinstance(dead_letter, DeadLetter)
    assert dead_letter.value is not None
    assert sha256(dead_letter.value).digest() == sha256(value).digest()
    assert dead_letter.truncated is None
    assert isinstance(neighbour, Prediction)


def test_record_with_key_and_headers_too_large_for_a_prediction_is_a_dead_letter(
    shared: ScorerSettings,
) -> None:
    headers = [("large", Random(3).randbytes(1_500_000))]  # not compressible
    before, dead_letter, after = answers(
        shared,
        send(
            shared,
            {"value": MINIMAL_RECORD},
            {"value": MINIMAL_RECORD, "headers": headers, "key": b"k"},
            {"value": MINIMAL_RECORD},
        ),
    )
    assert isinstance(dead_letter, DeadLetter)
    assert (dead_letter.reason, dead_letter.headers, dead_letter.value) == (
        "too_large",
        headers,
        MINIMAL_RECORD,
    )
    assert isinstance(before, Prediction)
    assert isinstance(after, Prediction)


def test_header_with_an_unreadable_name_makes_a_dead_letter(shared: ScorerSettings) -> None:
    command = [sys.executable, str(STRANGE), shared.kafka_bootstrap, shared.topic_customers]
    offset = int(subprocess.run(command, check=True, capture_output=True).stdout)
    (after,) = send(shared, {"value": MINIMAL_RECORD, "key": b"", "headers": [("", b"\xff")]})
    dead_letter, neighbour = answers(shared, [offset, after])
    assert isinstance(dead_letter, DeadLetter)
    assert dead_letter.reason == "invalid_utf8"
    assert dead_letter.headers == [("first", b"1"), ("\ufffd", b"kept"), ("last", None)]
    assert dead_letter.value == MINIMAL_RECORD
    assert isinstance(neighbour, Prediction)


def test_results_fit_topics_that_accept_little(worker_settings: ScorerSettings) -> None:
    named = topics(worker_settings)
    small = [
        replace(each, max_message_bytes=100_000) for each in (named.predictions, named.dead_letters)
    ]
    ensure_topics(
        worker_settings, [replace(named.customers, max_message_bytes=12 * MEBIBYTE), *small]
    )
    bad = [Random(seed).randbytes(300_000) for seed in range(5)]
    with DeliveryCheck(worker_settings) as check:
        send(worker_settings, *({"value": value} for value in [*[MINIMAL_RECORD] * 3_000, *bad]))
        with worker_process(worker_settings):
            prediction_offsets(worker_settings, until=3_000)
            answers_to_bad = worker_settings.topic_dead_letters
            read_all(worker_settings.kafka_bootstrap, answers_to_bad, until=5, deadline=60)
        check.read_to_end()
        assert check.counts.describe_faults() == ""
        assert (check.counts.predictions, check.counts.dead_letters) == (3_000, 5)
    dead_letters = [
        codec.decode_dead_letter(message.value())
        for message in read_all(worker_settings.kafka_bootstrap, named.dead_letters.name)
    ]
    assert [each.truncated for each in dead_letters] == [
        Truncated(len(value), sha256(value).hexdigest()) for value in bad
    ]


def skipped_tombstones(settings: ScorerSettings) -> float:
    samples = scrape("127.0.0.1", settings.scorer_port)
    return samples.total("intent_scorer_records_total", result="tombstone")


def test_worker_skips_tombstones_and_commits_their_offsets(worker_settings: ScorerSettings) -> None:
    settings = with_changes(worker_settings, tombstones="skip")
    ensure_topics(settings, topics(settings))
    group = [ConsumerGroupTopicPartitions(settings.scorer_group)]
    admin = create_admin_client(settings)

    def committed() -> int | None:
        (answer,) = admin.list_consumer_group_offsets(group).values()
        return next(
            (each.offset for each in answer.result().topic_partitions if each.partition == 0), None
        )

    with DeliveryCheck(settings) as check, worker_process(settings):
        send(settings, *({"value": value} for value in (MINIMAL_RECORD, None, b"{")))
        eventually(lambda: committed() == 3, deadline=30)
        send(settings, {"value": None, "key": b"deleted"})  # a batch without any result
        eventually(lambda: committed() == 4, deadline=30)
        check.read_to_end()
        assert check.counts.describe_faults() == ""
        assert check.counts.tombstones == {(0, 1), (0, 3)}
        assert (check.counts.predictions, check.counts.dead_letters) == (1, 1)
        eventually(lambda: skipped_tombstones(settings) == 2)


@pytest.mark.parametrize("key", [None, b"", b"\xff\x00"])
def test_key_is_copied_byte_for_byte(shared: ScorerSettings, key: bytes | None) -> None:
    good, bad = send(shared, {"value": MINIMAL_RECORD, "key": key}, {"value": b"?", "key": key})
    answers(shared, [good, bad])
    for topic in (shared.topic_predictions, shared.topic_dead_letters):
        last = [
            message.key()
            for message in read_all(shared.kafka_bootstrap, topic)
            if f'"offset":{good}'.encode() in (message.value() or b"")
            or f'"offset":{bad}'.encode() in (message.value() or b"")
        ]
        assert key in last


def test_worker_stops_at_the_dead_letter_limit(worker_settings: ScorerSettings) -> None:
    settings = with_changes(
        worker_settings,
        dead_letter_min_records=100,
        dead_letter_max_ratio=0.9,
        batch_max_records=200,
    )
    values = [MINIMAL_RECORD] * 2_000 + [b"?"] * 400 + [MINIMAL_RECORD] * 20_000
    with worker_process(settings) as process:
        produce(settings.kafka_bootstrap, settings.topic_customers, values, partition=0)
        code, error = await_worker_error(process, deadline=30)
    assert code == 11
    assert "mostly malformed_json" in error
    dead_letters = [
        codec.decode_dead_letter(message.value()).offset
        for message in read_all(settings.kafka_bootstrap, settings.topic_dead_letters)
    ]
    assert len(dead_letters) < 400
    answered = sorted([*dead_letters, *(offset for _, offset in prediction_offsets(settings))])
    assert answered == [*range(len(answered))], "nothing after the batch that was refused"
