"""`intent consume` prints a topic's committed records, and leaves no trace."""

import signal
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import msgspec
import pytest
from confluent_kafka import Producer

from contract import kafka
from contract.errors import BrokerUnreachable
from contract.settings import Settings
from contract.topics import topics
from intent import Client
from intent.cli.arguments import StartPosition, parse_start_position
from intent.cli.topic_reader import TopicReader, read_messages
from tests.support.builders import continuous_writes, eventually, produce, read_all
from tests.support.fixtures import Intent, SettingsFor
from tests.support.schema_registry import CUSTOMER_SCHEMA, schema_registry_server

BASE = 1000 * (int(time.time()) - 60)
"""Not long ago: the broker deletes what is older than its topic keeps."""


def _time(number: int) -> datetime:
    return datetime.fromtimestamp(BASE / 1000 + number, UTC)


def _ids(output: str) -> list[int]:
    return [msgspec.json.decode(line)["value"]["id"] for line in output.splitlines()]


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


def test_prints_all_of_a_topic(command: Intent, filled: Settings) -> None:
    ended = command("consume", "predictions", "--json", settings=filled)
    assert ended.exit_code == 0, ended.stderr
    assert sorted(_ids(ended.stdout)) == list(range(10))
    assert _ids(command("consume", "outcomes", "--json", settings=filled).stdout) == []


def test_avro_is_written_by_the_client_and_shown_as_json(
    command: Intent, settings_for: SettingsFor
) -> None:
    with schema_registry_server() as registry:
        settings = settings_for(
            Settings, customers_encoding="avro", schema_registry_url=registry.url
        )
        registry.register(f"{settings.topic_customers}-value", CUSTOMER_SCHEMA)
        record = {"id": "a", "Gender": "Male", "Age": 35.0, "AnnualSalary": 60_000.0}
        with Client(**settings.model_dump()) as client:
            assert client.produce([record]) == 1
        produce(settings.kafka_bootstrap, settings.topic_customers, [b"\0other"])
        (message,) = (
            message
            for message in read_all(settings.kafka_bootstrap, settings.topic_customers)
            if message.value() != b"\0other"
        )
        assert (message.value() or b"")[:5] == b"\0\0\0\0\1"
        ended = command("consume", "customers", "--json", settings=settings)
    assert ended.exit_code == 0, ended.stderr
    lines = [msgspec.json.decode(line) for line in ended.stdout.splitlines()]
    assert {"value_base64"} <= {name for line in lines for name in line}
    (value,) = (line["value"] for line in lines if "value" in line)
    assert value == {**record, "Age": 35, "event_time": None}


def test_json_has_topic_partition_and_offset(command: Intent, filled: Settings) -> None:
    output = command("consume", "predictions", "--last", "1", "--json", settings=filled).stdout
    assert msgspec.json.decode(output) == {
        "topic": filled.topic_predictions,
        "partition": 1,
        "offset": 4,
        "timestamp": BASE + 9000,
        "key": "9",
        "value": {"id": 9},
    }


def test_last_prints_in_chronological_order(command: Intent, filled: Settings) -> None:
    output = command("consume", "predictions", "--last", "3", settings=filled).stdout
    assert output.splitlines() == [
        f'{_time(7):%Y-%m-%d %H:%M:%S}.000  1:3           {{"id":7}}',
        f'{_time(8):%Y-%m-%d %H:%M:%S}.000  0:4           {{"id":8}}',
        f'{_time(9):%Y-%m-%d %H:%M:%S}.000  1:4           {{"id":9}}',
    ]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (f"{_time(6):%Y-%m-%dT%H:%M:%S}", [6, 7, 8, 9]),
        (_time(6).astimezone(timezone(timedelta(hours=5))).isoformat(), [6, 7, 8, 9]),
        ("4", [8, 9]),
        ("5", []),
        ("99999999999999999999", []),
        ("1s", []),
        ("99999999999999999999d", list(range(10))),
    ],
    ids=["local time", "time of a zone", "4", "5", "huge offset", "1s", "huge age"],
)
def test_from_starts_at_the_position(
    command: Intent, filled: Settings, where: str, found: list[int]
) -> None:
    ended = command("consume", "predictions", "--from", where, "--json", settings=filled)
    assert sorted(_ids(ended.stdout)) == found


def test_the_newest_of_a_topic_that_is_written_all_the_time(
    command: Intent, settings_for: SettingsFor
) -> None:
    settings = settings_for(Settings, partitions=1)
    kafka.ensure_topics(settings, topics(settings))
    with continuous_writes(settings, settings.topic_predictions) as goes_on:
        ended = command("consume", "predictions", "--last", "3", "--json", settings=settings)
        assert goes_on()
    assert len(ended.stdout.splitlines()) <= 3  # it may have been empty


@pytest.mark.parametrize("start", ["end", "offset", "time"])
def test_without_follow_later_records_are_not_read(
    filled: Settings, start: Literal["end", "offset", "time"]
) -> None:
    far = {"end": 0, "offset": 100, "time": BASE + 3_600_000}
    with TopicReader(filled, filled.topic_predictions) as reader:
        reader.seek(StartPosition(start, far[start]))
        produce(filled.kafka_bootstrap, filled.topic_predictions, [b"{}"], partition=0)
        assert list(reader.messages(follow=False, stop=threading.Event())) == []


def test_follow_continues_after_last_without_a_gap(filled: Settings) -> None:
    stop = threading.Event()
    with TopicReader(filled, filled.topic_predictions) as reader:
        found = read_messages(reader, StartPosition("end"), 2, follow=True, stop=stop)
        newest = [next(found), next(found)]
        produce(filled.kafka_bootstrap, filled.topic_predictions, [b'{"id":10}'], partition=0)
        newest.append(next(found))
    assert [msgspec.json.decode(each.value() or b"")["id"] for each in newest] == [8, 9, 10]


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["--from", "2126-01-01T00:00"], "--from '2126-01-01T00:00' is in the future: now is 20"),
        (["--from", "2126-01-01T00:00", "--follow"], "is in the future"),
        (["--from", "end"], "--from end needs --follow"),
    ],
)
def test_start_position_in_the_future_is_rejected(
    command: Intent, arguments: list[str], output: str
) -> None:
    ended = command("consume", "predictions", *arguments)
    assert ended.exit_code == 2
    assert output in ended.stderr


def test_follows_what_is_written_while_it_reads(command: Intent, filled: Settings) -> None:
    over = threading.Event()

    def write() -> None:
        producer = Producer({"bootstrap.servers": filled.kafka_bootstrap})
        for number in range(10, 200):  # half a minute, if nobody reads
            producer.produce(
                filled.topic_predictions, msgspec.json.encode({"id": number}), partition=0
            )
            producer.flush(20)
            if over.wait(0.15):
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        arguments = ("--last", "2", "--follow", "--max", "5", "--json")
        ended = command("consume", "predictions", *arguments, settings=filled)
    finally:
        over.set()
        writer.join()
    assert ended.exit_code == 0, ended.stderr
    found = _ids(ended.stdout)
    assert len(found) == 5
    assert found == list(range(found[0], found[0] + 5))
    assert found[-1] >= 10


def test_follow_ends_on_a_signal(command: Intent, filled: Settings) -> None:
    usual = signal.getsignal(signal.SIGTERM)

    def stop() -> None:
        eventually(lambda: signal.getsignal(signal.SIGTERM) is not usual, deadline=30)
        signal.raise_signal(signal.SIGTERM)

    stopper = threading.Thread(target=stop)
    stopper.start()
    ended = command("consume", "predictions", "--follow", settings=filled)
    stopper.join()
    assert ended.exit_code == 0, ended.stderr
    assert not ended.stdout


def test_no_byte_of_a_record_moves_the_terminals_cursor(
    command: Intent, settings: Settings
) -> None:
    kafka.ensure_topics(settings, topics(settings))
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap})
    for value in (b"\x1b[2J\r\nok\xff", None):
        producer.produce(settings.topic_customers, value, partition=0)
    assert producer.flush(20) == 0
    lines = command("consume", "customers", settings=settings).stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["\\x1b[2J\\r\\nok\\xff", "null"]
    output = command("consume", "customers", "--json", settings=settings).stdout.splitlines()
    assert [msgspec.json.decode(line).get("value", "none") for line in output] == ["none", None]
    assert "value_base64" in output[0]


def test_missing_topic_is_one_line(command: Intent, settings: Settings) -> None:
    ended = command("consume", "alerts", settings=settings)
    assert ended.exit_code == 5
    assert ended.stderr.startswith(f"error: topic {settings.topic_alerts} does not exist (")


def test_no_broker_is_one_line(command: Intent) -> None:
    env = {"INTENT_KAFKA_BOOTSTRAP": "127.0.0.1:1", "INTENT_KAFKA_TIMEOUT": "0.5"}
    ended = command("consume", "alerts", env=env)
    assert ended.exit_code == 4
    assert ended.stderr.startswith("error: no Kafka broker answers at 127.0.0.1:1")


def test_broker_that_sends_nothing_ends_the_reading(filled: Settings) -> None:
    settings = filled.model_copy(update={"kafka_timeout": 0.5})
    with TopicReader(filled, filled.topic_predictions) as reader:
        reader.seek(StartPosition("beginning"))
        reader._settings = settings
        reader._consumer.pause(reader._consumer.assignment())
        with pytest.raises(BrokerUnreachable, match=r"sent nothing for 0.5 s; check that it is"):
            list(reader.messages(follow=False, stop=threading.Event()))


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("beginning", StartPosition("beginning")),
        ("17", StartPosition("offset", 17)),
        ("2h", StartPosition("time", 2_800_000)),
        ("1970-01-01T01:00:00.5Z", StartPosition("time", 3_600_500)),
    ],
)
def test_start_position_is_parsed(text: str, start: StartPosition) -> None:
    assert parse_start_position(text, now=10_000) == start
