"""The worker on a real broker: the public interface, as any Kafka client sees it."""

import json
import uuid

import pytest
from confluent_kafka import Message, Producer

from contract import codec
from contract.events import Prediction
from contract.schema import CARS
from stream_app.settings import ScorerSettings
from tests.support.builders import produce, read_all

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def customer(**changes: object) -> bytes:
    return json.dumps({"Gender": "Male", "Age": 35, "AnnualSalary": 20_000, **changes}).encode()


def answers(settings: ScorerSettings, topic: str, ids: set[str]) -> dict[str, list[Message]]:
    """Messages of a topic by id; waits for one of each id."""
    messages: dict[str, list[Message]] = {}
    count = 0
    while not ids <= messages.keys():
        count += 1
        messages = {}
        for message in read_all(settings.kafka_bootstrap, topic, until=count, deadline=30):
            name = CARS.codec.decode_prediction(message.value()).id
            messages.setdefault(name, []).append(message)
    return messages


def predictions(settings: ScorerSettings, *ids: str) -> list[Prediction]:
    messages = answers(settings, settings.topic_predictions, set(ids))
    assert all(len(messages[each]) == 1 for each in ids)
    return [CARS.codec.decode_prediction(messages[each][0].value()) for each in ids]


def test_customer_of_the_first_system_is_no_buyer(shared: ScorerSettings) -> None:
    name = uuid.uuid4().hex
    value = customer(Age=20, AnnualSalary=1_000, id=name)
    produce(shared.kafka_bootstrap, shared.topic_customers, [value])
    (prediction,) = predictions(shared, name)
    assert prediction.prediction == 0
    assert prediction.probability < 0.01
    assert (prediction.model, prediction.model_version) == ("car-purchase", "1")


def test_old_and_rich_customer_is_a_buyer(shared: ScorerSettings) -> None:
    name = uuid.uuid4().hex
    value = customer(Age=60, AnnualSalary=140_000, id=name)
    produce(shared.kafka_bootstrap, shared.topic_customers, [value])
    assert predictions(shared, name)[0].prediction == 1


@pytest.mark.parametrize("compression", CODECS)
def test_minimal_record_in_any_codec_gets_exactly_one_prediction(
    shared: ScorerSettings, compression: str
) -> None:
    where: list[Message] = []
    producer = Producer(
        {"bootstrap.servers": shared.kafka_bootstrap, "compression.type": compression}
    )
    for _ in range(20):  # small batches are not compressed
        producer.produce(
            shared.topic_customers, customer(), on_delivery=lambda _, sent: where.append(sent)
        )
    assert producer.flush(20) == 0
    ids = [f"{sent.topic()}-{sent.partition()}-{sent.offset()}" for sent in where]
    assert len(set(ids)) == 20
    for prediction in predictions(shared, *ids):
        assert prediction.prediction == 0


def test_key_and_headers_are_copied_to_the_prediction(shared: ScorerSettings) -> None:
    name = uuid.uuid4().hex
    produce(
        shared.kafka_bootstrap,
        shared.topic_customers,
        [customer(id=name)],
        key=b"\x00key",
        headers={"traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
    )
    (message,) = answers(shared, shared.topic_predictions, {name})[name]
    assert message.key() == b"\x00key"
    assert dict(message.headers() or []) == {
        "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    }


def test_malformed_record_becomes_a_dead_letter_and_the_others_are_scored(
    shared: ScorerSettings,
) -> None:
    first, last = uuid.uuid4().hex, uuid.uuid4().hex
    bad = customer(Gender="unknown", id=f"bad-{first}")
    produce(
        shared.kafka_bootstrap,
        shared.topic_customers,
        [customer(id=first), bad, None, customer(id=last)],
        key=b"same partition",
    )
    before, after = predictions(shared, first, last)
    assert after.offset == before.offset + 3
    dead_letters = {
        (dead_letter.partition, dead_letter.offset): dead_letter
        for message in read_all(shared.kafka_bootstrap, shared.topic_dead_letters)
        for dead_letter in [codec.decode_dead_letter(message.value())]
    }
    dead_letter = dead_letters[before.partition, before.offset + 1]
    assert (dead_letter.reason, dead_letter.value, dead_letter.key) == (
        "unknown_category",
        bad,
        b"same partition",
    )
    assert dead_letters[before.partition, before.offset + 2].reason == "null_value"
