"""Other Kafka clients read the predictions without add-ons."""

import asyncio

import aiokafka
import kafka as kafka_python
import pytest
from confluent_kafka import Message

from contract import kafka
from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import read_all
from tests.support.fixtures import SettingsFor

VALUES = [b'{"id": "%d", "probability": 0.5}' % number for number in range(100)]
"""Enough for a batch that compression makes smaller."""


@pytest.fixture(params=["none", "gzip"])
def written(request: pytest.FixtureRequest, settings_for: SettingsFor) -> Settings:
    """Settings whose topic of predictions has the values, first with the default compression."""
    chosen = {} if request.param == "none" else {"kafka_compression": request.param}
    settings = settings_for(Settings, partitions=1, **chosen)
    kafka.ensure_topics(settings, [topics(settings).predictions])
    producer = kafka.create_producer(settings)
    for value in VALUES:
        kafka.produce(producer, settings.topic_predictions, value)
    assert producer.flush(60) == 0
    return settings


def test_kafka_python_reads_it(written: Settings) -> None:
    consumer = kafka_python.KafkaConsumer(
        written.topic_predictions,
        bootstrap_servers=written.kafka_bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=60_000,
    )
    try:
        assert [next(consumer).value for _ in VALUES] == VALUES
    finally:
        consumer.close()


def test_aiokafka_reads_it(written: Settings) -> None:
    async def read() -> list[bytes | None]:
        consumer = aiokafka.AIOKafkaConsumer(
            written.topic_predictions,
            bootstrap_servers=written.kafka_bootstrap,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            return [(await asyncio.wait_for(consumer.getone(), 60)).value for _ in VALUES]
        finally:
            await consumer.stop()

    assert asyncio.run(read()) == VALUES


def test_librdkafka_reads_it(written: Settings) -> None:
    messages: list[Message] = read_all(
        written.kafka_bootstrap, written.topic_predictions, deadline=60
    )
    assert [each.value() for each in messages] == VALUES
