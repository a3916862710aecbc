"""`intent consume` prints a topic's committed records, and leaves no trace."""

import signal
import threading
import time

import msgspec
import pytest
from confluent_kafka import Producer

from compose.cli.reading.start import Start, start_of
from contract import kafka
from contract.settings import Settings
from contract.topics import topics
from tests.builders import eventually
from tests.cli.conftest import Intent

BASE = 1_700_000_000_000


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """Ten predictions' places, a second apart, in two partitions."""
    kafka.ensure_topics(settings, topics(settings))
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap})
    for number in range(10):
        producer.produce(
            settings.topic_predictions,
            msgspec.json.encode({"id": number}),
            key=str(number),
            partition=number % 2,
            timestamp=BASE + 1000 * number,
        )
    assert producer.flush(20) == 0
    return settings


def _ids(said: str) -> list[int]:
    return [msgspec.json.decode(line)["value"]["id"] for line in said.splitlines()]


def test_prints_all_of_a_topic(command: Intent, filled: Settings) -> None:
    ended = command("consume", "predictions", "--json", settings=filled)
    assert ended.exit_code == 0, ended.stderr
    assert sorted(_ids(ended.stdout)) == list(range(10))
    assert _ids(command("consume", "outcomes", "--json", settings=filled).stdout) == []


def test_json_tells_where_a_record_stands(command: Intent, filled: Settings) -> None:
    said = command("consume", "predictions", "--last", "1", "--json", settings=filled).stdout
    assert msgspec.json.decode(said) == {
        "topic": filled.topic_predictions,
        "partition": 1,
        "offset": 4,
        "timestamp": BASE + 9000,
        "key": "9",
        "value": {"id": 9},
    }


def test_the_newest_come_in_the_order_of_their_time(command: Intent, filled: Settings) -> None:
    said = command("consume", "predictions", "--last", "3", settings=filled).stdout
    assert said.splitlines() == [
        '2023-11-14 22:13:27.000  1:3           {"id":7}',
        '2023-11-14 22:13:28.000  0:4           {"id":8}',
        '2023-11-14 22:13:29.000  1:4           {"id":9}',
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("2023-11-14T22:13:26", [6, 7, 8, 9]),
        ("2023-11-14T23:13:26+01:00", [6, 7, 8, 9]),
        ("4", [8, 9]),
        ("end", []),
        ("1s", []),
    ],
)
def test_begins_where_it_is_told(
    command: Intent, filled: Settings, where: str, found: list[int]
) -> None:
    ended = command("consume", "predictions", "--from", where, "--json", settings=filled)
    assert sorted(_ids(ended.stdout)) == found


def test_follows_until_told_to_stop(command: Intent, filled: Settings) -> None:
    def write_one_then_stop() -> None:
        producer = Producer({"bootstrap.servers": filled.kafka_bootstrap})
        eventually(lambda: signal.getsignal(signal.SIGTERM) is not before, deadline=30)
        time.sleep(0)
        producer.produce(filled.topic_predictions, b'{"id": 10}')
        producer.flush(20)

    before = signal.getsignal(signal.SIGTERM)
    writer = threading.Thread(target=write_one_then_stop)
    writer.start()
    ended = command(
        "consume", "predictions", "--last", "1", "--follow", "--max", "2", "--json", settings=filled
    )
    writer.join()
    assert ended.exit_code == 0, ended.stderr
    assert _ids(ended.stdout) == [9, 10]


def test_no_byte_of_a_record_moves_the_terminals_cursor(
    command: Intent, settings: Settings
) -> None:
    kafka.ensure_topics(settings, topics(settings))
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap})
    for value in (b"\x1b[2J\r\nok\xff", None):
        producer.produce(settings.topic_customers, value, partition=0)
    assert producer.flush(20) == 0
    lines = command("consume", "customers", settings=settings).stdout.splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["\\x1b[2J\\r\\nok\\xff", "null"]
    said = command("consume", "customers", "--json", settings=settings).stdout.splitlines()
    assert [msgspec.json.decode(line).get("value", "none") for line in said] == ["none", None]
    assert "value_base64" in said[0]


def test_a_topic_that_is_not_there_is_one_line(command: Intent, settings: Settings) -> None:
    ended = command("consume", "alerts", settings=settings)
    assert ended.exit_code == 5
    assert ended.stderr.startswith(f"error: there is no topic {settings.topic_alerts} (")


def test_no_broker_is_one_line(command: Intent) -> None:
    env = {"INTENT_KAFKA_BOOTSTRAP": "127.0.0.1:1", "INTENT_KAFKA_TIMEOUT": "0.5"}
    ended = command("consume", "alerts", env=env)
    assert ended.exit_code == 4
    assert ended.stderr.startswith("error: no Kafka broker answers at 127.0.0.1:1")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("beginning", Start("beginning")),
        ("17", Start("offset", 17)),
        ("2h", Start("time", 2_800_000)),
        ("1970-01-01T01:00:00.5Z", Start("time", 3_600_500)),
    ],
)
def test_a_start_is_written_in_many_ways(text: str, start: Start) -> None:
    assert start_of(text, now=10_000) == start
