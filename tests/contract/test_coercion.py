"""Values with other JSON types but the same meaning are coerced; others are not."""

import msgspec
import pytest

from contract.schema import CARS, Schema
from contract.schema.cars import CustomerRecord, Outcome
from contract.schema.coercion import coercing_decoder

SCHEMA = msgspec.convert(
    {
        "name": "mine",
        "dataset": "mine.csv",
        "columns": [
            {"name": "rooms", "range": [0, 9], "integer": True, "nullable": True},
            {"name": "grade", "categories": ["1", "2", "3"]},
            {"name": "new", "categories": ["true", "false"], "nullable": True},
            {"name": "size", "range": [0, 9]},
        ],
        "target": {"name": "sold", "classes": [0, 1]},
    },
    Schema,
)
RECORD = SCHEMA.events.record
record = coercing_decoder(RECORD)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b'{"rooms":1.0,"grade":"2","size":1}', b'{"rooms":1,"grade":"2","size":1}'),
        (b'{"rooms":null,"grade":3,"size":1}', b'{"grade":"3","size":1}'),
        (b'{"grade":3.0,"size":1}', b'{"grade":"3","size":1}'),
        (b'{"grade":"1","new":true,"size":1}', b'{"grade":"1","new":"true","size":1}'),
        (b'{"grade":1,"size":1,"event_time":7.0}', b'{"grade":"1","size":1,"event_time":7}'),
        (b'{"more":[[{}]],"grade":2,"size":1}', b'{"grade":"2","size":1}'),
    ],
)
def test_value_with_the_same_meaning_is_coerced(written: bytes, meant: bytes) -> None:
    assert record(written) == msgspec.json.decode(meant, type=RECORD)


@pytest.mark.parametrize(
    "written",
    [
        b'{"rooms":1.5,"grade":"2","size":1}',
        b'{"rooms":10.0,"grade":"2","size":1}',
        b'{"rooms":"1","grade":"2","size":1}',
        b'{"grade":4,"size":1}',
        b'{"grade":true,"size":1}',
        b'{"grade":[1],"size":1}',
        b'{"grade":"2","size":"1"}',
        b'{"grade":1}',
        b"[1]",
    ],
)
def test_value_with_another_meaning_is_not_coerced(written: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        record(written)


def test_codec_accepts_integers_written_as_floats() -> None:
    text = b'{"Gender":"Male","Age":40,"AnnualSalary":1,"event_time":1000.0}'
    assert CARS.codec.decode_customer(text) == CustomerRecord("Male", 40, 1, event_time=1000)
    assert CARS.codec.decode_outcomes([b'{"id":"x","Purchased":1.0}']).events == [Outcome("x", 1)]
