"""Fields of a record from elsewhere: the key, headers, nested paths, other names."""

import json
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import pytest
from confluent_kafka import Message as KafkaMessage

from contract.errors import BadSetting, DeadLetterReason
from contract.schema import CARS, Schema
from contract.topic_decoder import TopicDecoder
from stream_app.scoring.score import score_batch
from tests.support.scoring import LIMITS, NOW, AgeModel, StubModel, a_message

SCHEMA_TEXT = """
name = "shop"
dataset = "shop.csv"
prediction_fields = ["city", "age"]

[[columns]]
name = "age"
range = [0, 120]

[[columns]]
name = "city"
field = "City of residence"
categories = ["Rome", "7"]
nullable = true

[[columns]]
name = "member"
type = "boolean"
nullable = true

[target]
name = "bought"
classes = [0, 1]

[mapping]
id = "key"
event_time = "header:created-at"
age = "/customer/profile/age"
city = "/customer/addresses/0/city~1town"
member = "header:member"
"""

NESTED = {"customer": {"profile": {"age": 41}, "addresses": [{"city/town": "Rome"}]}}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    file = tmp_path_factory.mktemp("schema") / "schema.toml"
    file.write_text(SCHEMA_TEXT)
    return Schema.load(file)


def message(value: Any, **given: Any) -> KafkaMessage:
    content = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return cast(KafkaMessage, a_message(content, **given))


def decode(schema: Schema, *messages: KafkaMessage) -> Any:
    return TopicDecoder(schema.codec.customers, schema.record_mapping).decode(messages)


def test_fields_come_from_key_headers_and_paths(schema: Schema) -> None:
    headers = [("created-at", b"1700000000000"), ("member", b"true")]
    (record,) = decode(schema, message(NESTED, key=b"c-7", headers=headers)).events
    assert (record.id, record.event_time, record.age, record.city, record.member) == (
        "c-7", 1_700_000_000_000, 41, "Rome", True,
    )  # fmt: skip


def test_records_of_our_own_tools_are_accepted_beside_mapped_ones(schema: Schema) -> None:
    own = {"age": 20, "City of residence": "7", "id": "mine", "event_time": 5}
    (record,) = decode(schema, message(own)).events
    assert (record.id, record.event_time, record.age, record.city) == ("mine", 5, 20, "7")


def test_path_wins_over_a_field_of_the_same_name(schema: Schema) -> None:
    (record,) = decode(schema, message({**NESTED, "age": 5, "id": "x"}, key=b"k")).events
    assert (record.id, record.age) == ("k", 41)


@pytest.mark.parametrize(
    ("header", "milliseconds"),
    [
        (b"2023-11-14T22:13:20Z", 1_700_000_000_000),
        (b"2023-11-14T23:13:20.5+01:00", 1_700_000_000_500),
    ],
)  # fmt: skip
def test_event_time_may_be_an_iso_text_with_a_zone(
    schema: Schema, header: bytes, milliseconds: int
) -> None:
    (record,) = decode(schema, message(NESTED, headers=[("created-at", header)])).events
    assert record.event_time == milliseconds


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"value": b"{"}, DeadLetterReason.MALFORMED_JSON),
        ({"value": b"[1]"}, DeadLetterReason.WRONG_TYPE),
        ({"value": None}, DeadLetterReason.NULL_VALUE),
        ({"value": {"customer": {"profile": 3}}}, DeadLetterReason.MISSING_FIELD),
        ({"value": {"customer": {"profile": {"age": 400}}}}, DeadLetterReason.OUT_OF_RANGE),
        ({"value": NESTED, "key": b"\xff"}, DeadLetterReason.INVALID_UTF8),
        (
            {"value": NESTED, "headers": [("created-at", b"2023-11-14 22:13:20")]},
            DeadLetterReason.WRONG_TYPE,
        ),
    ],
    ids=str,
)
def test_what_a_mapping_does_not_find_or_fit_is_invalid(
    schema: Schema, given: dict[str, Any], reason: DeadLetterReason
) -> None:
    decoded = decode(schema, message(NESTED), message(**given), message(NESTED))
    assert [each.reason for each in decoded.invalid.values()] == [reason]
    assert list(decoded.invalid) == [1]
    assert len(decoded.events) == 2


def test_prediction_carries_the_fields_and_the_dead_letter_the_whole_value(schema: Schema) -> None:
    model = AgeModel(schema=schema)
    value = json.dumps(NESTED).encode()
    scored = score_batch(
        [a_message(value, key=b"k", offset=0), a_message(b'{"x": 1}', offset=1)], model, NOW, LIMITS
    )
    (prediction,) = [msgspec.json.decode(each["value"]) for each in scored.predictions]
    assert (prediction["id"], prediction["City of residence"], prediction["age"]) == (
        "k",
        "Rome",
        41,
    )
    decoded = schema.codec.decode_prediction(scored.predictions[0]["value"])
    assert (decoded.id, decoded.probability) == ("k", 0.41)
    (dead_letter,) = [msgspec.json.decode(each["value"]) for each in scored.dead_letters]
    assert dead_letter["value"] is not None
    assert dead_letter["reason"] == "missing_field"


def test_fields_stay_with_their_prediction_when_a_record_has_no_probability(
    schema: Schema,
) -> None:
    ages = (20, 30, 40)
    messages = [
        a_message(b'{"age": %d}' % age, key=b"%d" % age, offset=offset)
        for offset, age in enumerate(ages)
    ]
    model = StubModel([0.9, np.nan, 0.4], schema=schema)
    scored = score_batch(messages, model, NOW, LIMITS)
    found = [msgspec.json.decode(each["value"]) for each in scored.predictions]
    assert [(each["id"], each["age"]) for each in found] == [("20", 20), ("40", 40)]


def test_schema_without_mapping_reads_values_as_they_are() -> None:
    assert CARS.record_mapping is None
    value = b'{"any": 1}'
    assert TopicDecoder(CARS.codec.customers).json_values([a_message(value)]) == [value]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('id = "key"', 'id = "the key"', "mapping must be sources by name"),
        ('id = "key"', 'ident = "key"', "mapping: ident is neither a column nor id"),
        ('["city", "age"]', '["town"]', "prediction_fields: town is no column"),
        ('["city", "age"]', '["age", "age"]', "prediction_fields: each column once"),
    ],
)
def test_wrong_mapping_is_named(tmp_path: Path, before: str, after: str, fault: str) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(SCHEMA_TEXT.replace(before, after))
    with pytest.raises(BadSetting, match=fault):
        Schema.load(file)
