"""The scorer reads Avro, and waits for schemas while the Schema Registry is away."""

import asyncio
import logging
from collections.abc import Iterator

import msgspec
import pytest

from contract.codec import decode_dead_letter
from contract.kafka import ensure_topics
from contract.settings import load
from contract.topic_encodings import customer_decoder
from contract.topics import topics
from stream_app.scoring.score import score_batch
from stream_app.settings import ScorerSettings
from tests.support.builders import SLOW_MACHINE_FACTOR, produce, read_all
from tests.support.channel import FakeChannel
from tests.support.schema_registry import (
    CUSTOMER_SCHEMA,
    SchemaRegistryServer,
    avro_value,
    schema_registry_server,
)
from tests.support.scorer import with_changes
from tests.support.scorer_parts import OpenParts
from tests.support.scoring import LIMITS, NOW, AgeModel, a_message

RECORD = {"Gender": "Male", "Age": 35, "AnnualSalary": 60_000.0}


@pytest.fixture
def registry() -> Iterator[SchemaRegistryServer]:
    with schema_registry_server() as running:
        yield running


def test_dead_letter_of_an_avro_record_has_its_bytes(
    registry: SchemaRegistryServer,
) -> None:
    settings = load(ScorerSettings, customers_encoding="avro", schema_registry_url=registry.url)
    number = registry.register("customers-value", CUSTOMER_SCHEMA)
    values = [
        avro_value(number, CUSTOMER_SCHEMA, RECORD),
        avro_value(number, CUSTOMER_SCHEMA, {**RECORD, "Age": 200}),
        avro_value(number, CUSTOMER_SCHEMA, RECORD)[:-1],
        avro_value(number + 1, CUSTOMER_SCHEMA, RECORD),
    ]
    decoder = customer_decoder(settings)
    messages = [a_message(value, offset=offset) for offset, value in enumerate(values)]
    decoder.resolve(messages)
    scored = score_batch(messages, AgeModel(), NOW, LIMITS, decoder=decoder)
    (prediction,) = scored.predictions
    assert msgspec.json.decode(prediction["value"])["probability"] == 0.35
    dead_letters = [decode_dead_letter(dead_letter["value"]) for dead_letter in scored.dead_letters]
    assert [(dead_letter.reason, dead_letter.value) for dead_letter in dead_letters] == [
        ("out_of_range", values[1]),
        ("malformed_avro", values[2]),
        ("unknown_schema", values[3]),
    ]


def test_batch_waits_for_the_registry_and_is_then_scored_once(
    worker_settings: ScorerSettings,
    registry: SchemaRegistryServer,
    open_parts: OpenParts,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = with_changes(
        worker_settings,
        customers_encoding="avro",
        schema_registry_url=registry.url,
        batch_max_records=5,
    )
    ensure_topics(settings, topics(settings))
    number = registry.register(f"{settings.topic_customers}-value", CUSTOMER_SCHEMA)
    decoder = customer_decoder(settings)
    registry.available = False
    values = [avro_value(number, CUSTOMER_SCHEMA, RECORD)] * 8
    values += [avro_value(number + 1, CUSTOMER_SCHEMA, RECORD)] * 2
    produce(settings.kafka_bootstrap, settings.topic_customers, values, partition=0)

    async def run() -> BaseException | None:
        channel = FakeChannel()
        parts = open_parts(settings, channel, decoder=decoder)
        processor, progress = parts.processor, parts.processor._progress
        await processor.start()

        async def until_waiting() -> None:
            while not progress.waits_for:
                await asyncio.sleep(0.05)

        for _ in range(2):  # it reads the batch again, and goes on waiting
            await asyncio.wait_for(until_waiting(), 30 * SLOW_MACHINE_FACTOR)
            assert f"{registry.url} does not answer" in progress.waits_for
            assert progress.oldest_pending_seconds == 0
            assert channel.batches.empty()
            assert not processor.find_fault(0)
            progress._held = None
        registry.available = True
        offsets: list[int] = []
        while len(offsets) < len(values):
            batch = await asyncio.wait_for(channel.batches.get(), 30 * SLOW_MACHINE_FACTOR)
            offsets += [message.offset() for message in batch.messages]
            scored = score_batch(batch.messages, AgeModel(), NOW, LIMITS, decoder=decoder)
            await processor.commit_batch((batch, scored))
        assert offsets == [*range(len(values))]
        await asyncio.wait_for(processor.drain(), 30 * SLOW_MACHINE_FACTOR)
        processor._shutdown_timer.cancel()  # it would end this process
        await processor.stop()
        return processor.failure

    caplog.set_level(logging.INFO, "contract.encodings.registered_values")
    assert asyncio.run(run()) is None
    lines = [each.getMessage() for each in caplog.records if "encodings" in each.name]
    assert [line.partition(":")[0] for line in lines] == [
        "waiting for schemas",
        f"the Schema Registry answers again topic={settings.topic_customers}",
    ]
    assert len(read_all(settings.kafka_bootstrap, settings.topic_predictions)) == 8
    dead_letters = read_all(settings.kafka_bootstrap, settings.topic_dead_letters)
    assert [decode_dead_letter(dead_letter.value()).reason for dead_letter in dead_letters] == [
        "unknown_schema"
    ] * 2
