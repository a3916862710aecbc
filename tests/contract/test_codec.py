"""Bytes to events: valid values are decoded, others are an InvalidRecord with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import codec
from contract.errors import DeadLetterReason, InvalidRecord
from contract.events import DeadLetter
from contract.schema import CARS
from contract.schema.cars import CustomerRecord, Outcome, Prediction
from tests.support.builders import a_customer
from tests.support.records import INVALID_VALUES, MINIMAL_RECORD


def test_minimal_public_record_is_decoded() -> None:
    assert CARS.codec.decode_customer(MINIMAL_RECORD) == CustomerRecord("Male", 35.0, 20_000.0)


def test_record_may_bring_its_id_and_event_time() -> None:
    record = CARS.codec.decode_customer(
        MINIMAL_RECORD[:-1] + b', "id": "a-7", "event_time": 1700000000000}'
    )
    assert (record.id, record.event_time) == ("a-7", 1_700_000_000_000)


def test_further_fields_are_ignored() -> None:
    assert CARS.codec.decode_customer(
        MINIMAL_RECORD[:-1] + b', "Email": "x@y.z"}'
    ) == CustomerRecord("Male", 35.0, 20_000.0)


@pytest.mark.parametrize(
    ("value", "reason"), INVALID_VALUES.items(), ids=lambda each: repr(each)[:60]
)
def test_bad_value_is_invalid_with_its_reason(
    value: bytes | None, reason: DeadLetterReason
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        CARS.codec.decode_customer(value)
    assert caught.value.reason == reason
    assert caught.value.detail


def test_bad_values_of_a_batch_leave_their_neighbours_decoded() -> None:
    decoded = CARS.codec.decode_customers(
        [MINIMAL_RECORD, None, MINIMAL_RECORD, b"{", MINIMAL_RECORD]
    )
    assert len(decoded.events) == 3
    assert {index: why.reason for index, why in decoded.invalid.items()} == {
        1: DeadLetterReason.NULL_VALUE,
        3: DeadLetterReason.MALFORMED_JSON,
    }


@given(
    st.lists(st.one_of(st.none(), st.binary(max_size=200), st.just(MINIMAL_RECORD)), max_size=20)
)
def test_no_bytes_raise_and_every_value_is_accounted_for(values: list[bytes | None]) -> None:
    decoded = CARS.codec.decode_customers(values)
    assert len(decoded.events) + len(decoded.invalid) == len(values)
    valid = [value for index, value in enumerate(values) if index not in decoded.invalid]
    assert decoded.events == [CARS.codec.decode_customer(value) for value in valid]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: (
        st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=9), each, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["Gender", "Age", "AnnualSalary", "id", "x"]), JSON))
def test_whatever_json_somebody_sends_is_a_record_or_invalid(value: dict[str, object]) -> None:
    decoded = CARS.codec.decode_customers([json.dumps(value).encode()])
    assert len(decoded.events) + len(decoded.invalid) == 1


@given(
    st.builds(
        a_customer,
        gender=st.sampled_from(["Female", "Male"]),
        age=st.floats(0, 150),
        annual_salary=st.floats(0, 1e9),
        id=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
        event_time=st.none() | st.integers(0, 253_402_300_799_999),
    )
)
def test_customer_record_survives_the_round_trip(record: CustomerRecord) -> None:
    assert CARS.codec.decode_customer(codec.encode(record)) == record


def test_the_other_events_survive_the_round_trip() -> None:
    prediction = Prediction("a", 1, 0.75, "car-purchase", "3", 1, 2, 0, 9)
    outcome = Outcome("a", 0)
    dead_letter = DeadLetter(
        "wrong_type", "x", "customers", 1, 2, 3, None, b"\xff\x00", [("h", None)]
    )
    assert CARS.codec.decode_prediction(codec.encode(prediction)) == prediction
    assert CARS.codec.decode_outcome(codec.encode(outcome)) == outcome
    assert codec.decode_dead_letter(codec.encode(dead_letter)) == dead_letter


@pytest.mark.parametrize(
    ("rest", "kind"),
    [(MINIMAL_RECORD, "JSON"), (b" \n" + MINIMAL_RECORD, "JSON"), (b"\x02\x06", "Avro")],
)
def test_a_schema_registry_s_header_is_named_with_its_schema(rest: bytes, kind: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        CARS.codec.decode_customer(b"\x00\x00\x00\x01\x02" + rest)
    assert caught.value.reason == DeadLetterReason.SCHEMA_REGISTRY_HEADER
    assert "schema id 258" in caught.value.detail
    assert kind in caught.value.detail


@pytest.mark.parametrize("value", [b"\x00", b"\x00\x00\x00\x00\x01", b"\x01\x00\x00\x00\x01{}"])
def test_other_bytes_are_no_such_header(value: bytes) -> None:
    with pytest.raises(InvalidRecord) as caught:
        CARS.codec.decode_customer(value)
    assert caught.value.reason == DeadLetterReason.MALFORMED_JSON
