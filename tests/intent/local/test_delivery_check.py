"""The delivery check on a real broker: committed results count, aborted ones do not."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from confluent_kafka import Producer

from contract.codec import encode
from contract.errors import BrokerUnreachable, RunIncomplete
from contract.events import DeadLetter
from contract.kafka import ensure_topics
from contract.schema.cars import Prediction
from contract.settings import Settings, load
from contract.topics import topics
from intent.local.delivery_check import DeliveryCheck
from tests.support.builders import a_customer, produce


def a_prediction(partition: int, offset: int, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "id": f"{partition}-{offset}",
        "prediction": 1,
        "probability": 0.75,
        "model": "car-purchase",
        "model_version": "1",
        "event_time": 1_700_000_000_000,
        "scored_at": 1_700_000_000_005,
    }
    return encode(Prediction(partition=partition, offset=offset, **{**fields, **changes}))


def a_dead_letter(topic: str, partition: int, offset: int) -> bytes:
    return encode(
        DeadLetter(
            reason="malformed_json",
            detail="not JSON",
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=0,
            key=None,
            value=b"{",
            headers=[],
        )
    )


@pytest.fixture
def made(settings: Settings) -> Settings:
    ensure_topics(settings, topics(settings))
    return settings


@pytest.fixture
def check(made: Settings) -> Iterator[DeliveryCheck]:
    """Begins after a record and a prediction of an earlier run."""
    publish(made, made.topic_customers, [encode(a_customer())], partition=1)
    publish(made, made.topic_predictions, [a_prediction(1, 0)])
    with DeliveryCheck(made) as check:
        yield check


def publish(
    settings: Settings, topic: str, values: Sequence[bytes | None], partition: int = 0
) -> None:
    produce(settings.kafka_bootstrap, topic, values, partition=partition)


def test_predictions_and_dead_letters_account_for_the_records_since_its_start(
    made: Settings, check: DeliveryCheck
) -> None:
    publish(made, made.topic_customers, [encode(a_customer()), b"{"], partition=1)
    publish(made, made.topic_predictions, [a_prediction(1, 1)])
    publish(made, made.topic_dead_letters, [a_dead_letter(made.topic_customers, 1, 2)])

    check.read_to_end()

    assert check.counts.records == {(1, 1), (1, 2)}
    assert check.counts.describe_faults() == ""


def test_skipped_tombstones_need_no_result(made: Settings) -> None:
    with DeliveryCheck(made.model_copy(update={"tombstones": "skip"})) as check:
        publish(made, made.topic_customers, [encode(a_customer()), None])
        publish(made, made.topic_predictions, [a_prediction(0, 0)])
        check.read_to_end()

        assert (check.counts.records, check.counts.tombstones) == ({(0, 0)}, {(0, 1)})
        assert check.counts.describe_faults() == ""

        publish(made, made.topic_dead_letters, [a_dead_letter(made.topic_customers, 0, 1)])
        check.read_to_end()
        assert check.counts.unexpected == [(0, 1)]


def test_reading_continues_at_the_last_position(made: Settings, check: DeliveryCheck) -> None:
    publish(made, made.topic_customers, [encode(a_customer())] * 2)
    publish(made, made.topic_predictions, [a_prediction(0, 0)])
    check.read_to_end()
    assert check.counts.missing == [(0, 1)]
    check.read_to_end()
    assert check.counts.missing == [(0, 1)]

    publish(made, made.topic_predictions, [a_prediction(0, 1)])
    check.read_to_end()

    assert check.counts.describe_faults() == ""
    assert check.counts.predictions == 2


def test_aborted_prediction_is_no_result(made: Settings, check: DeliveryCheck) -> None:
    publish(made, made.topic_customers, [encode(a_customer())])
    producer = Producer(
        {"bootstrap.servers": made.kafka_bootstrap, "transactional.id": made.topic_predictions}
    )
    producer.init_transactions(20)
    for finish in (producer.abort_transaction, producer.commit_transaction):
        check.read_to_end()
        assert check.counts.missing == [(0, 0)]
        producer.begin_transaction()
        producer.produce(made.topic_predictions, a_prediction(0, 0))
        producer.flush(20)
        finish(20)

    check.read_to_end()

    assert check.counts.describe_faults() == ""
    assert check.counts.predictions == 1


def test_a_foreign_message_among_the_predictions_is_named_by_its_offset(
    made: Settings, check: DeliveryCheck
) -> None:
    publish(made, made.topic_predictions, [b"who am I"], partition=2)

    with pytest.raises(RunIncomplete, match=f"{made.topic_predictions}, partition 2, offset 0"):
        check.read_to_end()


def test_a_broker_that_does_not_answer_is_told_in_one_line() -> None:
    nowhere = load(Settings, kafka_bootstrap="127.0.0.1:1", kafka_timeout=0.5)

    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1"):
        DeliveryCheck(nowhere)
