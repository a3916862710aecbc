"""Log lines: one format with a time zone or JSON, repeated ones limited, librdkafka's included."""

import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contract import kafka
from contract.logs import (
    KAFKA_LINE_INTERVAL,
    KafkaClientLog,
    LogRateLimit,
    RepeatFilter,
    configure_logs,
)
from contract.settings import Settings, load
from tests.support.builders import eventually

NO_BROKER = "127.0.0.1:1"

log = logging.getLogger("tests.logs")


@pytest.fixture
def restore_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("restore_root_logger")
def test_a_line_has_an_iso_time_with_its_zone(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    log.info("now serving version=%s", 3)
    output = capsys.readouterr().err
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
    assert re.fullmatch(rf"{time} INFO tests\.logs: now serving version=3\n", output)


@pytest.mark.usefixtures("restore_root_logger")
def test_json_is_one_object_on_one_line_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "json")
    try:
        json.loads("http://somebody:hush@mlflow:5000\nfailed")
    except ValueError:
        log.exception('said "no"\nto %s', "http://somebody:hush@mlflow:5000")
    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert fields["level"] == "ERROR"
    assert fields["logger"] == "tests.logs"
    assert fields["message"] == 'said "no"\nto http://***@mlflow:5000'
    assert fields["traceback"].startswith("Traceback (most recent call last):\n")
    assert fields["time"].endswith("+00:00")
    assert "hush" not in line


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_lines_of_a_kind_beyond_the_limit_are_suppressed_and_counted() -> None:
    clock = Clock()
    limit = LogRateLimit(1, 30.0, clock)

    def admitted(kind: str, at: float) -> int | None:
        clock.now = at
        return limit.admit(kind)

    assert [admitted("a", 0), admitted("a", 1), admitted("a", 29)] == [0, None, None]
    assert admitted("b", 2) == 0
    assert admitted("a", 30) == 2
    assert admitted("a", 60) == 0


def test_a_line_that_repeats_is_written_a_few_times_and_then_counted() -> None:
    clock = Clock()
    repeats = RepeatFilter(LogRateLimit(2, 60, clock))

    def written(template: str) -> str | None:
        record = logging.LogRecord("asyncio", logging.ERROR, __file__, 1, template, ("x",), None)
        return record.getMessage() if repeats.filter(record) else None

    assert [written("accept failed: %s") for _ in range(4)] == ["accept failed: x"] * 2 + [None] * 2
    assert written("other: %s") == "other: x"
    clock.now = 60.0
    assert written("accept failed: %s") == "accept failed: x (2 more such lines were suppressed)"
    clock.now = 120.0
    assert written("accept failed: %s") == "accept failed: x"


def _consumer(settings: Settings, options: dict[str, object]) -> Consumer:
    consumer = kafka.create_consumer(settings, "nobody", **options)
    consumer.assign([TopicPartition("nothing", 0)])
    return consumer


def _producer(settings: Settings, options: dict[str, object]) -> Producer:
    return kafka.create_producer(settings, **options)


@pytest.mark.parametrize("create_client", [_consumer, _producer])
def test_a_broker_that_is_down_is_one_line_of_ours_and_none_of_the_clients(
    create_client: Callable[[Settings, dict[str, object]], Consumer | Producer],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = LogRateLimit(1, KAFKA_LINE_INTERVAL)
    monkeypatch.setattr(KafkaClientLog.__init__, "__defaults__", (limit,))
    settings = load(Settings, kafka_bootstrap=f"{NO_BROKER},127.0.0.1:2")
    attempts: list[object] = []
    options: dict[str, object] = {"error_cb": attempts.append, "reconnect_backoff_max_ms": 100}
    client = create_client(settings, options)
    eventually(lambda: client.poll(0.1) or len(attempts) > 5)
    messages = [record.getMessage() for record in caplog.records]
    (line,) = [message for message in messages if "Kafka" in message]
    assert line.startswith(f"no connection to Kafka at {NO_BROKER},127.0.0.1:2 (")
    assert "Connection refused" in line
    assert "check that the broker is running and that INTENT_KAFKA_BOOTSTRAP names it" in line
    raw, errors = capfd.readouterr()
    assert "rdkafka" not in raw + errors


def test_other_kafka_lines_keep_their_level_and_lose_the_name_of_the_thread(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = KafkaClientLog(NO_BROKER, LogRateLimit(1, KAFKA_LINE_INTERVAL))
    client.log(logging.ERROR, "%s [%s] %s", "FENCED", "rdkafka#1", "[thrd:main]: [thrd:a]: why")
    assert caplog.record_tuples == [
        ("contract.logs", logging.ERROR, "Kafka client rdkafka#1: FENCED: why")
    ]
