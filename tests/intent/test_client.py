"""`intent.Client` on a real broker, and what `import intent` costs."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import intent
from contract import codec
from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import produce, read_all

RECORD = {"id": "a", "Gender": "Male", "Age": 35, "AnnualSalary": 60_000}


def a_prediction(number: int) -> bytes:
    event = intent.Prediction(
        id=str(number),
        prediction=1,
        probability=0.75,
        model="car-purchase",
        model_version="1",
        event_time=1_700_000_000_000,
        scored_at=1_700_000_000_005,
        partition=0,
        offset=number,
    )
    return codec.encode(event)


def options(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.model_fields_set}


@pytest.fixture
def client(settings: Settings) -> Iterator[intent.Client]:
    ensure_topics(settings, topics(settings))
    with intent.Client(**options(settings)) as client:
        yield client


def test_produce_validates_records_and_returns_when_all_are_delivered(
    client: intent.Client, settings: Settings
) -> None:
    record = intent.CustomerRecord(gender="Female", age=40.0, annual_salary=72_500.0)
    assert client.produce([RECORD, record]) == 2
    messages = read_all(settings.kafka_bootstrap, settings.topic_customers, until=2)
    assert {message.key() for message in messages} == {b"a", None}
    decode = client.schema.codec.decode_customer
    assert {decode(message.value()).id for message in messages} == {"a", None}


def test_nothing_is_produced_if_a_record_is_invalid(
    client: intent.Client, settings: Settings
) -> None:
    with pytest.raises(intent.InvalidRecord, match=r"record 1: .*Age"):
        client.produce([RECORD, {**RECORD, "Age": "old"}])
    assert read_all(settings.kafka_bootstrap, settings.topic_customers) == []


def test_predictions_without_a_group_start_at_the_end_as_of_the_call(
    client: intent.Client, settings: Settings
) -> None:
    produce(settings.kafka_bootstrap, settings.topic_predictions, [a_prediction(0)])
    predictions = client.predictions(idle_timeout=10)
    produce(settings.kafka_bootstrap, settings.topic_predictions, [a_prediction(1)])
    prediction = next(predictions)
    assert (prediction.id, prediction.probability) == ("1", 0.75)
    everything = client.predictions(start="beginning", idle_timeout=1)
    assert {prediction.id for prediction in everything} == {"0", "1"}


def test_group_resumes_after_the_last_processed_prediction(
    client: intent.Client, settings: Settings
) -> None:
    values = [a_prediction(number) for number in range(3)]
    produce(settings.kafka_bootstrap, settings.topic_predictions, values, partition=0)
    group = f"reader-{settings.topic_predictions}"
    with client.predictions("beginning", group, idle_timeout=30) as stream:
        assert [next(stream).id, next(stream).id] == ["0", "1"]  # "1" is not processed yet
    with client.predictions("beginning", group, idle_timeout=30) as stream:
        assert next(stream).id == "1"


def test_close_from_another_thread_ends_the_iteration(client: intent.Client) -> None:
    predictions = client.predictions()
    timer = threading.Timer(0.3, predictions.close)
    timer.start()
    started = time.monotonic()
    assert list(predictions) == []
    assert time.monotonic() - started < 10
    timer.join()


def test_outcome_is_validated_and_published(client: intent.Client, settings: Settings) -> None:
    assert client.report_outcome("a", 1) == intent.Outcome(id="a", actual=1)
    (message,) = read_all(settings.kafka_bootstrap, settings.topic_outcomes, until=1)
    assert (message.key(), message.value()) == (b"a", b'{"id":"a","Purchased":1}')
    with pytest.raises(intent.InvalidRecord):
        client.report_outcome("a", 7)


def test_retraining_request_is_published_with_its_id(
    client: intent.Client, settings: Settings
) -> None:
    request_id = client.request_retraining("new price list", urgent=True, requested_by="me")
    (message,) = read_all(settings.kafka_bootstrap, settings.topic_retraining_requests, until=1)
    request = codec.decode_retraining_request(message.value())
    assert (request.id, request.reason, request.requested_by) == (
        request_id,
        "new price list",
        "me",
    )
    assert request.urgent


def test_without_a_broker_every_call_fails_after_the_timeout() -> None:
    client = intent.Client(kafka_bootstrap="127.0.0.1:1", kafka_timeout=0.5)
    for call in (lambda: client.produce([RECORD]), client.predictions):
        with pytest.raises(intent.BrokerUnreachable, match=r"127\.0\.0\.1:1"):
            call()


def test_unknown_setting_is_a_type_error_and_a_bad_value_a_bad_setting() -> None:
    with pytest.raises(TypeError, match="kafka_server"):
        intent.Client(kafka_server="x")
    with pytest.raises(intent.BadSetting, match="INTENT_KAFKA_BOOTSTRAP=x"):
        intent.Client(kafka_bootstrap="x")


def test_every_public_name_exists_and_an_import_loads_none_of_them() -> None:
    assert all(hasattr(intent, name) for name in intent.__all__)
    assert intent.__version__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = intent.nothing
    script = "import sys, intent; print(*(set(sys.modules) & {'contract', 'click', 'pydantic'}))"
    process = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == ""
