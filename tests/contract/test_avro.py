"""Avro values become the same events as JSON values with the same fields."""

import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import fastavro
import msgspec
import pytest
from confluent_kafka import Message
from hypothesis import event, given
from hypothesis import strategies as st

from contract.encodings import registered_values
from contract.encodings.avro import AvroSchema, InvalidSchema
from contract.encodings.matching import customer_mismatches, outcome_mismatches
from contract.encodings.registry import SchemaRegistry
from contract.errors import (
    DeadLetterReason,
    InvalidRecord,
    SchemaRegistryUnavailable,
    SchemaRejected,
)
from contract.schema import CARS, Schema
from contract.schema.cars import CustomerRecord, Outcome
from contract.settings import Settings, load
from contract.topic_decoder import TopicDecoder
from contract.topic_encodings import customer_decoder, outcome_decoder, topic_writer, topic_writers
from tests.support.raw_server import UNEXPECTED_BODIES, raw_server
from tests.support.records import mapped_schema
from tests.support.schema_registry import (
    CUSTOMER_SCHEMA,
    OUTCOME_SCHEMA,
    SchemaRegistryServer,
    avro_value,
    schema_registry_server,
)

ORDINARY = {"Gender": "Male", "Age": 35, "AnnualSalary": 60_000.0, "id": "a", "event_time": 7}


@pytest.fixture
def server() -> Iterator[SchemaRegistryServer]:
    with schema_registry_server() as running:
        yield running


@pytest.fixture
def settings(server: SchemaRegistryServer) -> Settings:
    return settings_of(server.url)


def settings_of(url: str, **changes: Any) -> Settings:
    given = {"customers_encoding": "avro", "outcomes_encoding": "avro", "schema_registry_url": url}
    return load(Settings, **{**given, **changes})


def with_fields(schema: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The schema with other types of some fields, or without those that are None."""
    types = {field["name"]: field["type"] for field in schema["fields"]} | changes
    fields = [{"name": name, "type": kind} for name, kind in types.items() if kind is not None]
    return {"type": "record", "name": "Changed", "fields": fields}


def messages(values: Sequence[bytes | None]) -> list[Message]:
    return [
        Message(topic="customers", partition=0, offset=n, value=v) for n, v in enumerate(values)
    ]


def decode(decoder: TopicDecoder[Any], *values: bytes | None) -> Any:
    batch = messages(values)
    decoder.resolve(batch)
    decoded = decoder.decode(batch)
    # what monitoring reads is valid where the scorer's is
    again = CARS.codec.decode_customers(decoder.json_values(batch))
    if not isinstance(next(iter(decoded.events), None), Outcome):
        assert again.events == decoded.events
        assert again.invalid.keys() == decoded.invalid.keys()
    return decoded


def encode(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> bytes:
    return avro_value(0, schema, fields)[5:]


def test_records_and_outcomes_are_decoded(server: SchemaRegistryServer, settings: Settings) -> None:
    customers = server.register("customers-value", CUSTOMER_SCHEMA)
    outcomes = server.register("outcomes-value", OUTCOME_SCHEMA)
    decoded = decode(
        customer_decoder(settings),
        avro_value(customers, CUSTOMER_SCHEMA, ORDINARY),
        avro_value(customers, CUSTOMER_SCHEMA, {**ORDINARY, "id": None, "event_time": None}),
    )
    assert decoded.events == [
        CustomerRecord(gender="Male", age=35, annual_salary=60_000, id="a", event_time=7),
        CustomerRecord(gender="Male", age=35, annual_salary=60_000),
    ]
    labels = [avro_value(outcomes, OUTCOME_SCHEMA, {"id": "a", "Purchased": n}) for n in (1, 2)]
    found = decode(outcome_decoder(settings), *labels)
    assert found.events == [Outcome("a", 1)]
    assert found.invalid.keys() == {1}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-200, 2**53)
    | st.floats(width=64)
    | st.sampled_from(["Male", "Female", "male", "", "35", "7"])
    | st.text(max_size=3)
)

ANY_SCHEMA = with_fields(
    CUSTOMER_SCHEMA,
    **{name: ["null", "boolean", "long", "double", "string"] for name in ORDINARY},
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "Gender": st.sampled_from(["Male", "Female"]) | SCALARS,
                "Age": st.integers(0, 150) | SCALARS,
                "AnnualSalary": st.floats(0, 1e9) | SCALARS,
                "id": st.text(min_size=1, max_size=3) | SCALARS,
                "event_time": st.integers(0, 2**45) | SCALARS,
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_record_is_valid_as_avro_if_it_is_as_json(rows: list[dict[str, Any]]) -> None:
    avro = AvroSchema(json.dumps(ANY_SCHEMA))
    decoded = CARS.codec.customers.convert_batch(
        avro.decode([encode(ANY_SCHEMA, row) for row in rows])
    )
    expected = CARS.codec.decode_customers([msgspec.json.encode(row) for row in rows])
    assert decoded.events == expected.events
    assert {place: fault.reason for place, fault in decoded.invalid.items()} == {
        place: fault.reason for place, fault in expected.invalid.items()
    }


LIST = {"type": "array", "items": "int"}
"""No plain type: fastavro decodes the record."""

PLAIN_SCHEMA = with_fields(
    {"fields": []},
    text=["null", "string"],
    number="long",
    whole=["int", "null"],
    share="double",
    small="float",
    yes="boolean",
    none="null",
    kind={"type": "enum", "name": "Kind", "symbols": ["a", "b"]},
)
PLAIN = {
    "text": st.none() | st.text(max_size=3),
    "number": st.integers(-(2**63), 2**63 - 1),
    "whole": st.none() | st.integers(-(2**31), 2**31 - 1),
    "share": st.floats(allow_nan=False),
    "small": st.floats(allow_nan=False, width=32),
    "yes": st.booleans(),
    "none": st.none(),
    "kind": st.sampled_from(["a", "b"]),
}


@given(st.lists(st.fixed_dictionaries(PLAIN), min_size=1, max_size=4))
def test_columns_are_decoded_as_they_were_written(rows: list[dict[str, Any]]) -> None:
    avro = AvroSchema(json.dumps(PLAIN_SCHEMA))
    assert avro.decode([encode(PLAIN_SCHEMA, row) for row in rows]) == rows


@given(st.fixed_dictionaries(PLAIN), st.data())
def test_broken_bytes_are_decoded_as_fastavro_does_or_not_at_all(
    fields: dict[str, Any], data: st.DataObject
) -> None:
    value = bytearray(encode(PLAIN_SCHEMA, fields))
    value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    (row,) = AvroSchema(json.dumps(PLAIN_SCHEMA)).decode([bytes(value)])
    event("decoded" if isinstance(row, dict) else "malformed")
    if isinstance(row, dict):
        rest = io.BytesIO(value)
        assert repr(fastavro.schemaless_reader(rest, PLAIN_SCHEMA, None)) == repr(row)
        assert not rest.read()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ({"type": "enum", "name": "E", "symbols": ["a"]}, b"\1"),
        (["null", "long"], b"\1\0"),
        (["null", "long"], b"\4\0"),
        ("int", b"\x80\x80\x80\x80\x10"),
        ("long", b"\x80" * 10 + b"\1"),
        ("string", b"\1"),
        ("boolean", b"\2"),
    ],
)
def test_what_the_specification_does_not_allow_is_malformed(kind: Any, value: bytes) -> None:
    (row,) = AvroSchema(json.dumps(with_fields({"fields": []}, field=kind))).decode([value])
    assert not isinstance(row, dict)


GOOD = encode(CUSTOMER_SCHEMA, ORDINARY)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\0",
        GOOD * 2,
        b"\x08" + GOOD[1:],
        b"\xff" * 30,
        encode(CUSTOMER_SCHEMA, {**ORDINARY, "id": "x" * 60})[:40],
    ],
    ids=["empty", "cut", "longer", "twice", "unknown symbol", "noise", "cut text"],
)
def test_value_that_is_not_of_its_schema_shifts_no_other(bad: bytes) -> None:
    good = [encode(CUSTOMER_SCHEMA, {**ORDINARY, "Age": age}) for age in (20, 30, 40)]
    rows = AvroSchema(json.dumps(CUSTOMER_SCHEMA)).decode([good[0], bad, *good[1:], bad])
    assert [row["Age"] for row in rows if isinstance(row, dict)] == [20, 30, 40]
    faults = [row for row in rows if not isinstance(row, dict)]
    assert [fault.reason for fault in faults] == [DeadLetterReason.MALFORMED_AVRO] * 2


@pytest.mark.parametrize("others", [{}, {"list": LIST}], ids=["by columns", "by fastavro"])
def test_a_cut_value_and_a_longer_one_do_not_make_up_for_each_other(others: dict[str, Any]) -> None:
    schema = with_fields({"fields": []}, **others, number="double")
    one = encode(schema, {"number": 1.5, "list": []})
    rows = AvroSchema(json.dumps(schema)).decode([one, one[:-1], one, one + b"\0", one])
    assert [row["number"] if isinstance(row, dict) else None for row in rows] == [
        1.5, None, 1.5, None, 1.5,
    ]  # fmt: skip


def test_a_value_of_any_depth_is_decoded_or_refused() -> None:
    node = {"type": "record", "name": "Node", "fields": [{"name": "in", "type": ["null", "Node"]}]}
    schema = with_fields({"fields": []}, number="long", first=node, second="Node")
    avro = AvroSchema(json.dumps(schema))
    values = [b"\x02" + b"\x02" * depth + b"\0\0" for depth in (2, 1_000_000, 3)]
    two, deep, three = avro.decode(values)
    leaf = {"in": None}
    assert two == {"number": 1, "first": {"in": {"in": leaf}}, "second": leaf}
    assert isinstance(deep, InvalidRecord)
    assert deep.reason is DeadLetterReason.TOO_DEEP
    assert three == {"number": 1, "first": {"in": {"in": {"in": leaf}}}, "second": leaf}


def test_a_type_that_many_others_refer_to_is_prepared_at_once() -> None:
    def pair(level: int) -> dict[str, Any]:
        inner = pair(level - 1) if level else {"type": "record", "name": "P", "fields": []}
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": inner["name"]}]
        return {"type": "record", "name": f"P{level}", "fields": fields}

    assert AvroSchema(json.dumps(pair(60))).fields.keys() == {"a", "b"}


def test_what_is_no_value_of_the_registry_has_its_reason(
    server: SchemaRegistryServer, settings: Settings
) -> None:
    known = server.register("customers-value", CUSTOMER_SCHEMA)
    draft = server.register("other-value", {"type": "object"}, kind="JSON")
    good = avro_value(known, CUSTOMER_SCHEMA, ORDINARY)
    decoded = decode(
        customer_decoder(settings),
        None,
        b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}',
        b"\0\0\0",
        b"",
        good,
        b"\0\0\0\x03\xe7" + GOOD,
        b"\0" + draft.to_bytes(4, "big") + b"{}",
    )
    assert len(decoded.events) == 1
    assert {place: str(fault.reason) for place, fault in decoded.invalid.items()} == {
        0: "null_value",
        1: "malformed_avro",
        2: "malformed_avro",
        3: "malformed_avro",
        5: "unknown_schema",
        6: "unknown_schema",
    }
    assert "no schema with the id 999" in decoded.invalid[5].detail
    assert "its type is JSON" in decoded.invalid[6].detail


def test_times_and_decimals_mean_what_their_logical_types_say() -> None:
    kinds = {
        "event_time": {"type": "long", "logicalType": "timestamp-micros"},
        "day": {"type": "int", "logicalType": "date"},
        "at": ["null", {"type": "long", "logicalType": "timestamp-millis"}],
        "amount": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        "other": {"type": "string", "logicalType": "uuid"},
    }
    schema = with_fields({"fields": []}, **kinds)
    moment = datetime(2024, 2, 29, 12, 30, 0, 123_456, UTC)
    fields = {
        "event_time": moment,
        "day": date(2024, 2, 29),
        "at": moment,
        "amount": Decimal("12.50"),
        "other": "6f1c1b1e-58d4-4f0b-9c3b-6a7a3d1f0c55",
    }
    (row,) = AvroSchema(json.dumps(schema)).decode([encode(schema, fields)])
    assert isinstance(row, dict)
    assert row["event_time"] == 1_709_209_800_123
    assert row["day"] == date(2024, 2, 29)
    assert row["at"] == datetime(2024, 2, 29, 12, 30, 0, 123_000, UTC)
    assert row["amount"] == Decimal("12.50")
    assert row["other"] == fields["other"]


def test_a_newer_or_older_writer_is_read_beside_the_present_one(
    server: SchemaRegistryServer, settings: Settings
) -> None:
    newer = {
        **CUSTOMER_SCHEMA,
        "fields": [
            {"name": "segment", "type": "string", "default": "none"},
            *CUSTOMER_SCHEMA["fields"],
        ],
    }
    older = with_fields(CUSTOMER_SCHEMA, id=None, event_time=None)
    values = [
        avro_value(server.register("customers-value", schema), schema, {**ORDINARY, "segment": "b"})
        for schema in (CUSTOMER_SCHEMA, newer, older)
    ]
    decoded = decode(customer_decoder(settings), *values, values[0])
    assert [record.id for record in decoded.events] == ["a", "a", None, "a"]
    assert {record.age for record in decoded.events} == {35}


def test_schemas_that_others_refer_to_are_found(
    server: SchemaRegistryServer, settings: Settings
) -> None:
    gender = {"type": "enum", "name": "Gender", "namespace": "a", "symbols": ["Female", "Male"]}
    server.register("gender", gender)
    refers = with_fields(CUSTOMER_SCHEMA, Gender="a.Gender")
    reference = {"name": "a.Gender", "subject": "gender", "version": 1}
    number = server.register("customers-value", refers, references=[reference])
    value = avro_value(number, with_fields(CUSTOMER_SCHEMA, Gender=gender), ORDINARY)
    decoder = customer_decoder(settings)
    assert decode(decoder, value).events[0].gender == "Male"


def test_records_go_through_the_mapping_as_json_does(
    server: SchemaRegistryServer, tmp_path: Path
) -> None:
    nested = {
        "type": "record",
        "name": "Event",
        "fields": [
            {
                "name": "customer",
                "type": {
                    "type": "record",
                    "name": "Person",
                    "fields": [{"name": "age", "type": "int"}],
                },
            }
        ],
    }
    number = server.register("customers-value", nested)
    settings = settings_of(server.url, schema_file=str(mapped_schema(tmp_path)))
    decoder = customer_decoder(settings)
    batch = [
        Message(topic="customers", key=b"k", value=avro_value(number, nested, {"customer": each}))
        for each in ({"age": 41}, {"age": 400})
    ]
    batch.append(Message(topic="customers", key=b"k", value=b"{}"))
    decoder.resolve(batch)
    decoded = decoder.decode(batch)
    assert [(record.id, record.age) for record in decoded.events] == [("k", 41)]  # type: ignore[attr-defined]
    assert {place: str(fault.reason) for place, fault in decoded.invalid.items()} == {
        1: "out_of_range",
        2: "malformed_avro",
    }
    assert decoder.json_values(batch)[0] == b'{"age":41,"id":"k"}'


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"id": None, "event_time": None}, []),
        ({"Gender": "string", "Age": ["null", "long"]}, []),
        ({"Age": None}, ["Age is missing"]),
        ({"Age": "string"}, ["Age is string, not int, long, float, double or decimal"]),
        (
            {"Gender": "bytes", "id": "long"},
            [
                "Gender is bytes, not string, enum, boolean, int, long, float or double",
                "id is long, not string or enum",
            ],
        ),
        (
            {"Age": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
            ["Age is null or timestamp-millis, not int, long, float, double or decimal"],
        ),
    ],
)
def test_differences_from_our_schema_are_named(changes: dict[str, Any], faults: list[str]) -> None:
    schema = AvroSchema(json.dumps(with_fields(CUSTOMER_SCHEMA, **changes)))
    assert customer_mismatches(schema, CARS) == faults


def test_a_type_that_is_named_twice_is_known() -> None:
    once = {"name": "previous", "type": CUSTOMER_SCHEMA["fields"][0]["type"]}
    fields = [once, {"name": "Gender", "type": "Gender"}, *CUSTOMER_SCHEMA["fields"][1:]]
    schema = AvroSchema(json.dumps({**CUSTOMER_SCHEMA, "fields": fields}))
    assert customer_mismatches(schema, CARS) == []


def test_differences_of_outcomes_and_of_mapped_places_are_named(tmp_path: Path) -> None:
    flat = AvroSchema(json.dumps(CUSTOMER_SCHEMA))
    assert outcome_mismatches(flat, CARS) == ["Purchased is missing"]
    assert outcome_mismatches(AvroSchema(json.dumps(OUTCOME_SCHEMA)), CARS) == []
    mapped = Schema.load(mapped_schema(tmp_path))
    assert customer_mismatches(flat, mapped) == ["age is missing: there is no /customer/age"]


def test_differences_are_logged_at_the_start_and_at_the_first_id(
    server: SchemaRegistryServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    text = with_fields(CUSTOMER_SCHEMA, Age="string")
    older = server.register("customers-value", with_fields(CUSTOMER_SCHEMA, AnnualSalary=None))
    server.register("customers-value", text)
    decoder = customer_decoder(settings)
    (record,) = caplog.records
    assert "topic=customers schema=customers-value: Age is string" in record.getMessage()
    caplog.clear()
    value = avro_value(older, with_fields(CUSTOMER_SCHEMA, AnnualSalary=None), ORDINARY)
    decoded = [decode(decoder, value, value) for _ in range(2)]
    (record,) = caplog.records
    assert f"schema=id {older}: AnnualSalary is missing" in record.getMessage()
    assert {fault.reason for fault in decoded[0].invalid.values()} == {"missing_field"}


def test_unknown_id_is_asked_for_again_after_a_while(
    server: SchemaRegistryServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = customer_decoder(settings)
    value = avro_value(1, CUSTOMER_SCHEMA, ORDINARY)
    assert decode(decoder, value).invalid.keys() == {0}
    assert server.register("customers-value", CUSTOMER_SCHEMA) == 1
    assert decode(decoder, value).invalid.keys() == {0}
    monkeypatch.setattr(registered_values, "UNKNOWN_SECONDS", -1.0)
    assert decode(decoder, value).events


def test_a_registry_that_is_away_is_waited_for_with_one_line_and_asked_once_per_schema(
    server: SchemaRegistryServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, registered_values.__name__)
    value = avro_value(
        server.register("customers-value", CUSTOMER_SCHEMA), CUSTOMER_SCHEMA, ORDINARY
    )
    decoder = customer_decoder(settings)
    server.available = False
    caplog.clear()
    for _ in range(3):
        with pytest.raises(SchemaRegistryUnavailable, match=server.url):
            decoder.resolve(messages([value]))
    (waiting,) = caplog.records
    assert "waiting for schemas: topic=customers: the Schema Registry" in waiting.getMessage()
    server.available = True
    assert decode(decoder, value).events
    assert "answers again" in caplog.records[-1].getMessage()
    server.available = False
    assert decode(decoder, value, value).events
    assert not decoder.has_unresolved(messages([value]))


def test_many_unknown_ids_are_looked_up_in_several_calls(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = customer_decoder(settings)
    batch = messages([b"\0" + number.to_bytes(4, "big") + b"noise" for number in range(3)])
    monkeypatch.setattr(registered_values, "RESOLVE_SECONDS", 5.0)
    monkeypatch.setattr(registered_values, "monotonic", count(step=4).__next__)
    with pytest.raises(SchemaRegistryUnavailable, match="schemas of customers are still to be"):
        decoder.resolve(batch)
    for _ in range(3):
        with suppress(SchemaRegistryUnavailable):
            decoder.resolve(batch)
    assert not decoder.has_unresolved(batch)
    assert len(decoder.decode(batch).invalid) == 3


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    "answer",
    [
        *UNEXPECTED_BODIES.values(),
        b"",
        http("401 Unauthorized", '{"error_code": 40101, "message": "who?"}'),
        http("404 Not Found", "<html>"),
        http("404 Not Found", '{"error_code": 404, "message": "no such path"}'),
        http("500 No", '{"error_code": 50001, "message": "store"}'),
        http("200 OK", "{}"),
    ],
)
def test_only_a_registry_can_say_that_an_id_does_not_exist(answer: bytes) -> None:
    with (
        raw_server(answer) as url,
        SchemaRegistry(settings_of(url)) as registry,
        pytest.raises(SchemaRegistryUnavailable, match=url),
    ):
        registry.find_schema(7)


def test_a_registry_that_answers_byte_by_byte_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract.encodings.registry.LOOKUP_TIMEOUT", 0.3)
    with (
        raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", drips=b" ") as url,
        SchemaRegistry(settings_of(url)) as registry,
        pytest.raises(SchemaRegistryUnavailable, match=r"no complete answer within 0\.3 s"),
    ):
        registry.find_latest("customers-value")


def test_decoder_starts_without_a_registry(caplog: pytest.LogCaptureFixture) -> None:
    decoder = customer_decoder(settings_of("http://127.0.0.1:1"))
    assert "is not checked yet" in caplog.text
    assert decoder.needs_schemas


def test_plain_json_needs_no_registry() -> None:
    settings = load(Settings, schema_registry_url="http://127.0.0.1:1")
    assert not customer_decoder(settings).needs_schemas
    assert topic_writers(settings) == {}


@pytest.mark.parametrize("unit", ["timestamp-millis", "timestamp-micros", None])
def test_what_our_tools_write_is_what_the_scorer_reads(
    server: SchemaRegistryServer, settings: Settings, unit: str | None
) -> None:
    kind = {"type": "long", "logicalType": unit} if unit else "long"
    server.register("customers-value", with_fields(CUSTOMER_SCHEMA, event_time=["null", kind]))
    server.register("outcomes-value", OUTCOME_SCHEMA)
    writers = topic_writers(settings)
    written = writers["customers"].encode(msgspec.json.encode(ORDINARY))
    assert written is not None
    assert decode(customer_decoder(settings), written).events == [
        CustomerRecord(gender="Male", age=35, annual_salary=60_000, id="a", event_time=7)
    ]
    outcome = writers["outcomes"].encode(b'{"id":"a","Purchased":1}')
    assert decode(outcome_decoder(settings), outcome).events == [Outcome("a", 1)]
    assert writers["customers"].encode(b'{"Age": 1}') == b'{"Age": 1}'
    assert writers["customers"].encode(None) is None


SCHEMA_OF_KINDS = """
name = "kinds"
dataset = "kinds.csv"
columns = [
  {name = "day", type = "date", derive = ["weekday"]},
  {name = "moment", type = "datetime", derive = ["hour"]},
  {name = "flag", type = "boolean"},
  {name = "price", range = [0, 9]},
]
target = {name = "worth"}
"""
DAY = {"type": "int", "logicalType": "date"}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
LOCAL_MICROS = {"type": "long", "logicalType": "local-timestamp-micros"}
CENTS = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {"day": "string", "moment": ["null", "string"], "flag": "int", "price": "float"},
        {"day": MILLIS, "moment": LOCAL_MICROS, "flag": "double", "price": ["null", CENTS]},
        {"day": LOCAL_MICROS, "moment": MILLIS, "flag": ["null", "boolean"]},
    ],
)
def test_a_column_is_written_as_each_type_that_fits(
    server: SchemaRegistryServer, tmp_path: Path, kinds: dict[str, Any]
) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(SCHEMA_OF_KINDS)
    settings = settings_of(server.url, schema_file=str(file))
    usual = {"day": DAY, "moment": MILLIS, "flag": "boolean", "price": "double"}
    server.register("customers-value", with_fields({"fields": []}, **{**usual, **kinds}))
    writer = topic_writer(settings, "customers")
    assert writer is not None
    record = {"day": "2026-01-02", "moment": "2026-01-02T03:04:05Z", "flag": True, "price": 1.5}
    batch = messages([writer.encode(msgspec.json.encode(record))])
    decoder = customer_decoder(settings)
    decoder.resolve(batch)
    schema = Schema.load(file)
    (read,) = decoder.decode(batch).events
    expected = schema.codec.decode_customer(msgspec.json.encode(record))
    rows = [schema.encoder.to_frame([each]).to_dict("records") for each in (read, expected)]
    assert rows[0] == rows[1]


def test_a_fraction_is_not_cut_off_to_fit(server: SchemaRegistryServer, settings: Settings) -> None:
    server.register("customers-value", with_fields(CUSTOMER_SCHEMA, AnnualSalary="int"))
    writer = topic_writer(settings, "customers")
    assert writer is not None
    assert writer.encode(msgspec.json.encode(ORDINARY))
    with pytest.raises(SchemaRejected, match=r"1\.5 in a field of int"):
        writer.encode(msgspec.json.encode({**ORDINARY, "AnnualSalary": 1.5}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_an_outcome_that_is_not_finite_is_invalid(tmp_path: Path, number: float) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(SCHEMA_OF_KINDS)
    rows = [{"id": "a", "worth": 1e300}, {"id": "b", "worth": number}]
    decoded = Schema.load(file).codec.outcomes.convert_batch(rows)
    assert [each.id for each in decoded.events] == ["a"]
    assert decoded.invalid.keys() == {1}


def test_writing_needs_a_schema_that_can_hold_our_records(
    server: SchemaRegistryServer, settings: Settings
) -> None:
    with pytest.raises(SchemaRejected, match="has no subject customers-value"):
        topic_writers(settings)
    server.register("customers-value", with_fields(CUSTOMER_SCHEMA, region="string"))
    server.register("outcomes-value", OUTCOME_SCHEMA)
    with pytest.raises(SchemaRejected, match="cannot hold a record of ours"):
        topic_writers(settings)["customers"].encode(msgspec.json.encode(ORDINARY))


@pytest.mark.parametrize(
    "text", ["{", '"string"', "[]", '{"type": "record", "name": "A", "fields": [{"name": "b"}]}']
)
def test_what_is_no_schema_of_a_record_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchema):
        AvroSchema(text)
