"""Labelled customers are read from a real broker; invalid records are skipped."""

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from confluent_kafka import Producer

from contract import codec, kafka
from contract.errors import BrokerUnreachable, SchemaRegistryUnavailable
from contract.events import made_id
from contract.schema.cars import Outcome
from contract.settings import load
from contract.topics import topics
from producers.publisher import Publisher
from tests.support.builders import a_customer, produce
from tests.support.fixtures import SettingsFor
from tests.support.records import mapped_schema
from tests.support.schema_registry import (
    CUSTOMER_SCHEMA,
    OUTCOME_SCHEMA,
    schema_registry_server,
)
from training.lookback.stream_reader import read_labelled_customers
from training.settings import TrainingSettings

HOUR = 3_600_000


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def settings(settings_for: SettingsFor) -> TrainingSettings:
    """Topics of three partitions."""
    settings = settings_for(TrainingSettings, partitions=3)
    kafka.ensure_topics(settings, topics(settings))
    return settings


Write = Callable[..., None]


@pytest.fixture
def write(settings: TrainingSettings) -> Write:
    """`write(topic, value, timestamp)` to any partition, or to a given one."""

    def produce_record(topic: str, value: bytes, timestamp: int, partition: int = -1) -> None:
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap})
        producer.produce(topic, value, partition=partition, timestamp=timestamp)
        assert producer.flush(20) == 0

    return produce_record


def outcome(name: str, purchased: int) -> bytes:
    return codec.encode(Outcome(name, purchased))  # type: ignore[arg-type]


def customer(name: str | None, **changes: object) -> bytes:
    return codec.encode(a_customer(id=name, **changes))


def labels(rows: pd.DataFrame) -> dict[str, int]:
    return dict(zip(rows["id"], rows["Purchased"], strict=True))


def test_customers_of_all_partitions_are_joined_with_their_outcomes(
    settings: TrainingSettings,
) -> None:
    names = [f"c{number}" for number in range(500)]
    for partition in range(3):
        part = names[partition::3]
        values = [customer(name, age=float(len(name))) for name in part]
        produce(settings.kafka_bootstrap, settings.topic_customers, values, partition=partition)
        outcomes = [outcome(name, len(name) % 2) for name in reversed(part)]
        produce(settings.kafka_bootstrap, settings.topic_outcomes, outcomes, partition=-1)
    rows = read_labelled_customers(settings, now())
    assert labels(rows) == {name: len(name) % 2 for name in names}
    assert rows["Age"].tolist() == [float(len(name)) for name in rows["id"]]
    assert rows["event_time"].is_monotonic_increasing


def test_newest_outcome_counts_and_a_late_one_is_joined(
    settings: TrainingSettings, write: Write
) -> None:
    at = now()
    write(settings.topic_customers, customer("twice"), at - 2_000)
    write(settings.topic_customers, customer("late"), at - 20 * HOUR)
    write(settings.topic_outcomes, outcome("twice", 0), at - 900)
    write(settings.topic_outcomes, outcome("twice", 1), at - 800)
    write(settings.topic_outcomes, outcome("late", 1), at - 700)
    assert labels(read_labelled_customers(settings, at)) == {"twice": 1, "late": 1}


def test_customers_are_found_across_pauses_of_the_stream(
    settings: TrainingSettings, write: Write
) -> None:
    at = now()
    ages = [20 * HOUR, 9 * HOUR, HOUR, 60_000, 1_000]
    for age in ages:
        write(settings.topic_customers, customer(f"c{age}"), at - age, partition=1)
        write(settings.topic_outcomes, outcome(f"c{age}", 1), at - 500)
    write(settings.topic_outcomes, outcome("nobody", 1), at - 500)
    assert set(labels(read_labelled_customers(settings, at))) == {f"c{age}" for age in ages}


def test_record_without_an_id_is_identified_by_its_offset(settings: TrainingSettings) -> None:
    produce(settings.kafka_bootstrap, settings.topic_customers, [customer(None)] * 3, partition=2)
    name = made_id(settings.topic_customers, 2, 1)
    produce(settings.kafka_bootstrap, settings.topic_outcomes, [outcome(name, 1)])
    assert labels(read_labelled_customers(settings, now())) == {name: 1}


def test_records_before_the_lookback_are_left_out(settings: TrainingSettings, write: Write) -> None:
    at = now()
    for name, age in (("old", 25 * HOUR), ("new", 23 * HOUR)):
        write(settings.topic_customers, customer(name), at - age)
        write(settings.topic_outcomes, outcome(name, 1), at - age)
    write(settings.topic_customers, customer("old, known late"), at - 25 * HOUR)
    write(settings.topic_outcomes, outcome("old, known late", 1), at)
    write(settings.topic_customers, customer("known long ago"), at - HOUR)
    write(settings.topic_outcomes, outcome("known long ago", 1), at - 25 * HOUR)
    assert labels(read_labelled_customers(settings, at)) == {"new": 1}


def test_no_more_than_the_maximum_of_rows_is_read(settings: TrainingSettings, write: Write) -> None:
    at = now()
    for number in range(30):
        write(settings.topic_customers, customer(str(number)), at - 60_000 + number)
        write(settings.topic_outcomes, outcome(str(number), 0), at - 1_000 + number)
    few = settings.model_copy(update={"lookback_max_rows": 7})
    assert set(labels(read_labelled_customers(few, at))) == {
        str(number) for number in range(23, 30)
    }


def test_invalid_and_uncommitted_records_are_skipped(settings: TrainingSettings) -> None:
    bootstrap = settings.kafka_bootstrap
    produce(bootstrap, settings.topic_customers, [b"{", None, customer("a"), customer("b")])
    produce(bootstrap, settings.topic_outcomes, [b"{", None, outcome("a", 1)])
    producer = kafka.create_producer(settings, transactional_id=settings.topic_customers)
    producer.init_transactions(20)
    producer.begin_transaction()
    for partition in range(3):
        producer.produce(settings.topic_outcomes, outcome("b", 1), partition=partition)
    assert producer.flush(20) == 0  # or it would be aborted before it is written
    producer.abort_transaction(20)
    started = time.monotonic()
    assert labels(read_labelled_customers(settings, now())) == {"a": 1}
    assert time.monotonic() - started < settings.kafka_timeout


def test_customers_are_read_as_their_schema_maps_them(
    settings_for: SettingsFor, tmp_path: Path
) -> None:
    settings = settings_for(TrainingSettings, schema_file=str(mapped_schema(tmp_path)))
    kafka.ensure_topics(settings, topics(settings))
    value = b'{"customer": {"age": 30}}'
    produce(settings.kafka_bootstrap, settings.topic_customers, [value], key=b"k")
    produce(settings.kafka_bootstrap, settings.topic_outcomes, [b'{"id": "k", "bought": 1}'])
    rows = read_labelled_customers(settings, now())
    assert rows[["id", "age", "bought"]].values.tolist() == [["k", 30.0, 1]]


def test_avro_is_read_and_a_registry_that_is_away_is_one_line(settings: TrainingSettings) -> None:
    with schema_registry_server() as registry:
        changes = {
            "customers_encoding": "avro",
            "outcomes_encoding": "avro",
            "schema_registry_url": registry.url,
        }
        settings = settings.model_copy(update=changes)
        registry.register(f"{settings.topic_customers}-value", CUSTOMER_SCHEMA)
        registry.register(f"{settings.topic_outcomes}-value", OUTCOME_SCHEMA)
        publisher = Publisher(settings)
        publisher.publish(settings.topic_customers, [(b"a", customer("a")), (b"b", b"{}")])
        publisher.publish(settings.topic_outcomes, [(b"a", outcome("a", 1))])
        publisher.flush()
        assert labels(read_labelled_customers(settings, now())) == {"a": 1}
        registry.available = False
        with pytest.raises(SchemaRegistryUnavailable, match=registry.url):
            read_labelled_customers(settings, now())


def test_topics_that_do_not_exist_have_no_records(settings_for: SettingsFor) -> None:
    assert len(read_labelled_customers(settings_for(TrainingSettings), now())) == 0


def test_broker_that_does_not_answer_is_an_error_with_a_remedy() -> None:
    away = load(TrainingSettings, kafka_bootstrap="127.0.0.1:1", kafka_timeout=0.5)
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1.*INTENT_LOOKBACK_HOURS=0"):
        read_labelled_customers(away, now())
