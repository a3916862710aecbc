"""JSON with a Schema Registry's header becomes the same events as JSON without one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Message

from contract.errors import DeadLetterReason, SchemaRejected
from contract.settings import Settings, load
from contract.topic_encodings import customer_decoder, outcome_decoder, topic_writer
from intent.cli.message_format import readable_value
from tests.support.records import mapped_schema
from tests.support.schema_registry import SchemaRegistryServer, schema_registry_server

HEADER = b"\0\0\0\0\x07"
RECORD = b'{"id": "a", "Gender": "Male", "Age": 35, "AnnualSalary": 60000}'


@pytest.fixture
def registry() -> Iterator[SchemaRegistryServer]:
    with schema_registry_server() as running:
        yield running


@pytest.fixture
def settings(registry: SchemaRegistryServer) -> Settings:
    return settings_of(registry.url)


def settings_of(url: str) -> Settings:
    return load(
        Settings,
        customers_encoding="json-schema",
        outcomes_encoding="json-schema",
        schema_registry_url=url,
    )


def message(value: bytes | None, topic: str = "customers") -> Message:
    return Message(topic=topic, partition=0, offset=0, value=value)


def test_values_with_and_without_header_are_decoded_without_the_registry() -> None:
    settings = settings_of("http://127.0.0.1:9")  # nobody listens there
    decoder = customer_decoder(settings)
    batch = [message(HEADER + RECORD), message(RECORD)]
    assert not decoder.needs_schemas
    first, second = decoder.decode(batch).events
    assert first == second
    assert decoder.json_values(batch) == [RECORD, RECORD]
    outcome = message(HEADER + b'{"id": "a", "Purchased": 1}')
    assert outcome_decoder(settings).decode([outcome]).events[0].actual == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, DeadLetterReason.NULL_VALUE),
        (b"", DeadLetterReason.MALFORMED_JSON),
        (HEADER[:3], DeadLetterReason.MALFORMED_JSON),
        (HEADER, DeadLetterReason.MALFORMED_JSON),
        (HEADER + HEADER + RECORD, DeadLetterReason.SCHEMA_REGISTRY_HEADER),
        (HEADER + b"\x02\x46\x04", DeadLetterReason.MALFORMED_JSON),
        (HEADER + RECORD.replace(b"35", b"200"), DeadLetterReason.OUT_OF_RANGE),
    ],
)
def test_value_that_is_no_record_is_invalid_for_its_own_reason(
    settings: Settings, value: bytes | None, reason: DeadLetterReason
) -> None:
    decoded = customer_decoder(settings).decode([message(RECORD), message(value)])
    assert len(decoded.events) == 1
    assert decoded.invalid[1].reason is reason


def test_fields_are_mapped(tmp_path: Path) -> None:
    settings = load(
        Settings, customers_encoding="json-schema", schema_file=str(mapped_schema(tmp_path))
    )
    value = HEADER + b'{"customer": {"age": 35}}'
    batch = [Message(topic="customers", partition=0, offset=0, key=b"a", value=value)]
    decoder = customer_decoder(settings)
    assert json.loads(decoder.json_values(batch)[0] or b"")["age"] == 35
    assert decoder.decode(batch).events[0].id == "a"


def test_event_is_written_with_the_latest_schema_and_shown_without_it(
    registry: SchemaRegistryServer, settings: Settings
) -> None:
    with pytest.raises(SchemaRejected, match="no such subject at customers-value"):
        topic_writer(settings, settings.topic_customers)
    registry.register("customers-value", {"type": "record", "name": "C", "fields": []})
    with pytest.raises(SchemaRejected, match="a schema of AVRO"):
        topic_writer(settings, settings.topic_customers)
    number = registry.register("customers-value", {"type": "object"}, "JSON")
    writer = topic_writer(settings, settings.topic_customers)
    assert writer is not None
    written = writer.encode(RECORD)
    assert written == b"\0" + number.to_bytes(4, "big") + RECORD
    assert writer.encode(None) is None
    assert customer_decoder(settings).decode([message(written)]).events[0].id == "a"
    assert readable_value(settings, settings.topic_customers)(message(written)) == RECORD
