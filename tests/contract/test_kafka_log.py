"""What librdkafka logs comes through our log: one line, with what to do."""

import logging

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contract import kafka
from contract.kafka_log import LINE_EVERY, ClientLog, LineLimit
from contract.settings import Settings, load
from tests.support.builders import eventually

NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def _a_limit_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClientLog.__init__, "__defaults__", (LineLimit(),))


@pytest.mark.parametrize("client", ["consumer", "producer"])
def test_a_broker_that_is_down_is_one_line_of_ours_and_none_of_the_clients(
    client: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = load(Settings, kafka_bootstrap=f"{NOWHERE},127.0.0.1:2")
    attempts: list[object] = []
    options = {"error_cb": attempts.append, "reconnect_backoff_max_ms": 100}
    made: Consumer | Producer
    if client == "consumer":
        made = kafka.consumer(settings, "nobody", **options)
        made.assign([TopicPartition("nothing", 0)])
    else:
        made = kafka.producer(settings, **options)
    eventually(lambda: made.poll(0.1) or len(attempts) > 5)
    said = [record.getMessage() for record in caplog.records if "Kafka" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith(f"no connection to Kafka at {NOWHERE},127.0.0.1:2 (")
    assert "Connection refused" in said[0]
    assert "check that the broker is running and that INTENT_KAFKA_BOOTSTRAP names it" in said[0]
    raw, errors = capfd.readouterr()
    assert "rdkafka" not in raw + errors


def test_the_lines_left_out_are_counted() -> None:
    limit = LineLimit()
    assert [limit.take("a", 0), limit.take("a", 1), limit.take("a", LINE_EVERY - 1)] == [
        0,
        None,
        None,
    ]
    assert limit.take("b", 2) == 0
    assert limit.take("a", LINE_EVERY) == 2
    assert limit.take("a", 2 * LINE_EVERY) == 0


def test_other_lines_keep_their_level_and_lose_the_name_of_the_thread(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = ClientLog(NOWHERE, LineLimit())
    client.log(logging.ERROR, "%s [%s] %s", "FENCED", "rdkafka#1", "[thrd:main]: [thrd:a]: why")
    assert caplog.record_tuples == [
        ("contract.kafka_log", logging.ERROR, "Kafka client rdkafka#1: FENCED: why")
    ]
