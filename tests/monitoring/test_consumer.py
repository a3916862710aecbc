"""The monitoring's consumer notices that a partition delivers nothing although it has records."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import WorkerFailed
from contract.kafka import ensure_topics
from contract.topics import topics
from monitoring.consumer import StreamConsumer
from monitoring.settings import MonitoringSettings
from tests.support.builders import eventually, produce
from tests.support.fixtures import SettingsFor
from tests.support.records import mapped_schema
from tests.support.schema_registry import (
    CUSTOMER_SCHEMA,
    OUTCOME_SCHEMA,
    avro_value,
    schema_registry_server,
)
from tests.support.transactions import open_transaction


@pytest.fixture
def settings(settings_for: SettingsFor) -> MonitoringSettings:
    made = settings_for(MonitoringSettings, progress_timeout=1)
    made = made.model_copy(update={"monitoring_group": made.topic_customers})
    ensure_topics(made, topics(made))
    return made


@pytest.fixture
def consumer(settings: MonitoringSettings) -> Iterator[StreamConsumer]:
    made = StreamConsumer(settings, [topics(settings).customers])
    yield made
    made.close()


def read(consumer: StreamConsumer) -> int:
    """Polls once; returns how many records came. Raises what stops the process."""
    count = sum(len(messages.values) for messages in consumer.poll(0.1))
    consumer.check_progress()
    return count


def stops(consumer: StreamConsumer) -> bool:
    try:
        assert read(consumer) == 0
    except WorkerFailed as failure:
        return "partition 1 has records to read and none came for" in str(failure)
    return False


def test_partition_that_delivers_nothing_although_it_has_records_is_a_fault(
    settings: MonitoringSettings, consumer: StreamConsumer
) -> None:
    eventually(lambda: read(consumer) == 0 and not consumer.unread_partitions())
    consumer._consumer.pause(consumer._consumer.assignment())  # it no longer fetches
    produce(settings.kafka_bootstrap, settings.topic_customers, [b"{}"], partition=1)
    eventually(lambda: stops(consumer))


def test_records_are_read_as_their_schema_maps_them(
    settings_for: SettingsFor, tmp_path: Path
) -> None:
    settings = settings_for(MonitoringSettings, schema_file=str(mapped_schema(tmp_path)))
    settings = settings.model_copy(update={"monitoring_group": settings.topic_customers})
    ensure_topics(settings, topics(settings))
    value = b'{"customer": {"age": 30}}'
    for topic in (settings.topic_customers, settings.topic_outcomes):
        produce(settings.kafka_bootstrap, topic, [value], key=b"k")
    consumer = StreamConsumer(settings, [topics(settings).customers, topics(settings).outcomes])
    found: dict[str, list[bytes | None]] = {}

    def has_both() -> bool:
        for batch in consumer.poll(0.1):
            found[batch.partition[0]] = batch.values
        return len(found) == 2

    eventually(has_both)
    consumer.close()
    assert found == {
        settings.topic_customers: [b'{"age":30,"id":"k"}'],
        settings.topic_outcomes: [value],
    }


def test_avro_is_read_as_json_and_waits_for_the_registry(settings_for: SettingsFor) -> None:
    with schema_registry_server() as registry:
        settings = settings_for(
            MonitoringSettings,
            customers_encoding="avro",
            outcomes_encoding="avro",
            schema_registry_url=registry.url,
        )
        settings = settings.model_copy(update={"monitoring_group": settings.topic_customers})
        ensure_topics(settings, topics(settings))
        place = settings.topic_customers, 0
        number = registry.register(f"{settings.topic_customers}-value", CUSTOMER_SCHEMA)
        label = registry.register(f"{settings.topic_outcomes}-value", OUTCOME_SCHEMA)
        record = {"Gender": "Male", "Age": 35, "AnnualSalary": 1.0, "id": "a"}
        values = [avro_value(number, CUSTOMER_SCHEMA, record), b"{}"]
        consumer = StreamConsumer(settings, [topics(settings).customers, topics(settings).outcomes])
        registry.available = False
        produce(settings.kafka_bootstrap, settings.topic_customers, values, partition=0)
        eventually(lambda: place in consumer.ends and consumer.ends[place].last_stable == 2)
        for _ in range(3):
            assert not consumer.poll(1)
            consumer.check_progress()
            assert consumer.positions()[place].next_offset is None
            assert place in consumer.unread_partitions()
        eventually(lambda: not consumer.poll(0.1) and registry.url in consumer.waits_for)
        outcome = avro_value(label, OUTCOME_SCHEMA, {"id": "a", "Purchased": 1})
        produce(settings.kafka_bootstrap, settings.topic_outcomes, [outcome])
        registry.available = True
        found: dict[str, list[bytes | None]] = {}

        def has_both() -> bool:
            for batch in consumer.poll(0.1):
                found.setdefault(batch.partition[0], []).extend(batch.values)
            return [len(found.get(topic, ())) for topic in consumer._topics] == [2, 1]

        eventually(has_both)
        assert consumer.positions()[place].next_offset == 2
        assert not consumer.waits_for
        consumer.close()
    assert found == {
        settings.topic_customers: [
            b'{"Gender":"Male","Age":35,"AnnualSalary":1.0,"id":"a","event_time":null}',
            b"",
        ],
        settings.topic_outcomes: [b'{"id":"a","Purchased":1}'],
    }


def test_partition_that_is_paused_for_the_others_is_no_fault(
    settings: MonitoringSettings, consumer: StreamConsumer
) -> None:
    partition = settings.topic_customers, 1
    consumer.pause_only([partition])
    produce(settings.kafka_bootstrap, settings.topic_customers, [b"{}"], partition=1)
    eventually(lambda: partition in consumer.ends and consumer.ends[partition].last_stable == 1)
    consumer._settings = settings.model_copy(update={"progress_timeout": 0})
    assert read(consumer) == 0
    consumer.pause_only([])
    consumer._settings = settings
    eventually(lambda: read(consumer) == 1)


def test_partition_is_held_while_a_transaction_is_open_and_unread_as_soon_as_it_ends(
    settings: MonitoringSettings, consumer: StreamConsumer
) -> None:
    partition = settings.topic_customers, 1
    producer = open_transaction(settings, b"{}", partition=1)
    eventually(
        lambda: (
            read(consumer) == 0
            and consumer.held_partitions() == {partition: 0}
            and not consumer.unread_partitions()
        )
    )
    producer.commit_transaction(30)
    eventually(lambda: not consumer.held_partitions())
    assert consumer.unread_partitions() == {partition}, "its record was not read yet"
    eventually(lambda: read(consumer) == 1)
    eventually(
        lambda: (
            read(consumer) == 0
            and not consumer.held_partitions()
            and not consumer.unread_partitions()
        )
    )
