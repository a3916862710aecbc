"""Each kind of column, from the record's JSON to the model's input and back."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from contract import codec
from contract.errors import BadSetting, InvalidRecord
from contract.schema import CARS, Schema
from contract.schemas import schemas
from monitoring.drift.columns import feature_columns, watched_columns
from producers.resampler import corruptions

TABLE = """
name = "orders"
dataset = "orders.csv"

[[columns]]
name = "weight"
field = "Gewicht (kg), netto"
range = [0, 100]

[[columns]]
name = "gift"
field = "is-gift"
type = "boolean"

[[columns]]
name = "grade"
categories = [1, 2, 5]
nullable = true

[[columns]]
name = "town"
field = "ship.town"
categories = ["Köln", "Bonn"]
other = "elsewhere"

[[columns]]
name = "shelf"
categories = [10, 20]
other = "other"
nullable = true

[[columns]]
name = "born"
type = "date"
derive = ["age", "weekday"]
age_at = "ordered"
nullable = true

[[columns]]
name = "ordered"
type = "datetime"
derive = ["hour", "age"]
age_at = 2024-01-02

[target]
name = "returned"
field = "wurde zurückgeschickt?"
classes = ["no", "yes"]
"""

GOOD: dict[str, Any] = {
    "Gewicht (kg), netto": 1.5,
    "is-gift": True,
    "grade": 5,
    "ship.town": "Aachen",
    "shelf": 20,
    "born": "2000-02-29",
    "ordered": "2024-01-01T18:30:00+02:00",
    "id": "a",
}


def load_schema(folder: Path, text: str) -> Schema:
    file = folder / "schema.toml"
    file.write_text(text, encoding="utf-8")
    return Schema.load(file)


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    return load_schema(tmp_path, TABLE)


def record(schema: Schema, **changes: Any) -> Any:
    values = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return schema.codec.decode_customer(msgspec.json.encode(values))


def test_record_has_the_fields_and_the_model_the_names(schema: Schema) -> None:
    row = schema.encoder.to_frame([record(schema)]).iloc[0].to_dict()
    assert row == {
        "weight": 1.5,
        "gift": "true",
        "grade": "5",
        "town": "elsewhere",
        "shelf": "20",
        "born_age": pytest.approx((datetime(2024, 1, 1, 16, 30) - datetime(2000, 2, 29)).days
                                  + 16.5 / 24),
        "born_weekday": "Tue",
        "ordered_hour": 16.0,
        "ordered_age": pytest.approx(7.5 / 24),
    }  # fmt: skip
    assert list(row) == list(schema.features)


def test_missing_values_are_missing_in_each_input_that_is_made_of_them(schema: Schema) -> None:
    lacking = record(schema, grade=None, shelf=..., born=None)
    row = schema.encoder.to_frame([lacking]).iloc[0]
    assert set(row.index[row.isna()]) == {"grade", "shelf", "born_age", "born_weekday"}
    assert set(schema.nullable) == {"grade", "shelf", "born_age", "born_weekday"}


def test_codes_are_indices_of_the_categories(schema: Schema) -> None:
    arrays = dict(zip(schema.features, schema.encoder.to_arrays([record(schema)]), strict=True))
    for each in schema.inputs:
        if not each.numerical:
            assert arrays[each.name].dtype == np.intp
            assert 0 <= arrays[each.name][0] < len(each.categories)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"is-gift": 1}, {"is-gift": True}),
        ({"is-gift": 0.0}, {"is-gift": False}),
        ({"grade": 2.0}, {"grade": 2}),
        ({"ship.town": 50667}, {"ship.town": "50667"}),
        ({"shelf": 7.0}, {"shelf": 7}),
        ({"born": "2000-02-29T00:00:00"}, {"born": "2000-02-29"}),
        ({"born": "2000-02-29T00:00:00Z"}, {"born": "2000-02-29"}),
        ({"ordered": "2024-01-01"}, {"ordered": "2024-01-01T00:00:00"}),
        ({"ordered": "2024-01-01T10:30"}, {"ordered": "2024-01-01T10:30:00"}),
    ],
)
def test_value_with_the_same_meaning_is_taken(
    schema: Schema, written: dict[str, Any], meant: dict[str, Any]
) -> None:
    assert record(schema, **written) == record(schema, **meant)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"is-gift": 2}, "wrong_type"),
        ({"is-gift": "true"}, "wrong_type"),
        ({"is-gift": None}, "wrong_type"),
        ({"grade": 3}, "unknown_category"),
        ({"grade": "5"}, "wrong_type"),
        ({"ship.town": ""}, "out_of_range"),
        ({"ship.town": "x" * 1_001}, "out_of_range"),
        ({"ship.town": ["Bonn"]}, "wrong_type"),
        ({"shelf": 1e300}, "out_of_range"),
        ({"born": "29.02.2000"}, "wrong_type"),
        ({"born": "2000-02-29T01:00:00"}, "wrong_type"),
        ({"born": "2000-02-29T00:00:00+01:00"}, "wrong_type"),
        ({"ordered": 1_704_067_200_000}, "wrong_type"),
        ({"ordered": "soon"}, "wrong_type"),
        ({"Gewicht (kg), netto": 101}, "out_of_range"),
        ({"Gewicht (kg), netto": ...}, "missing_field"),
    ],
)
def test_bad_value_becomes_a_dead_letter_that_names_its_field(
    schema: Schema, bad: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        record(schema, **bad)
    assert caught.value.reason == reason
    assert next(iter(bad)) in caught.value.detail


def test_fault_is_the_one_that_is_left_when_values_with_the_same_meaning_are_taken(
    schema: Schema,
) -> None:
    with pytest.raises(InvalidRecord) as caught:
        record(schema, **{"is-gift": 1, "grade": 3})
    assert caught.value.reason == "unknown_category"
    assert "grade" in caught.value.detail


def test_category_that_reads_like_another_fault_is_an_unknown_category(tmp_path: Path) -> None:
    schema = load_schema(tmp_path, TABLE.replace("[1, 2, 5]", '["missing required field", "b"]'))
    with pytest.raises(InvalidRecord) as caught:
        record(schema, grade="Object missing required field got `x`")
    assert caught.value.reason == "unknown_category"


def test_rows_become_the_same_inputs_again(schema: Schema) -> None:
    records = [record(schema), record(schema, grade=None, shelf=99, born=None)]
    again = schema.encoder.to_records(schema.encoder.to_rows(records))
    assert schema.encoder.to_frame(again).equals(schema.encoder.to_frame(records))
    for each in again:
        schema.codec.decode_customer(codec.encode(each))
    assert records[0].born == date(2000, 2, 29)
    assert records[0].ordered.astimezone(UTC).hour == 16


def test_json_schema_describes_the_records(schema: Schema) -> None:
    described = json.loads(schemas(schema)["customers.json"])
    jsonschema.validate(GOOD, described)
    jsonschema.validate(json.loads(codec.encode(record(schema, born=None))), described)
    for bad in ({"is-gift": "yes"}, {"grade": 3}, {"ordered": 7}, {"Gewicht (kg), netto": "1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**GOOD, **bad}, described)
    outcome = schema.events.outcome("a", "yes")
    assert json.loads(codec.encode(outcome)) == {"id": "a", "wurde zurückgeschickt?": "yes"}
    assert schema.codec.decode_outcome(codec.encode(outcome)) == outcome


def test_simulator_makes_records_bad_each_in_a_way_of_its_own(schema: Schema) -> None:
    good = codec.encode(record(schema))
    found = schema.codec.decode_customers([fault(good) for fault in corruptions(schema)])
    assert not found.events
    assert len({each.reason for each in found.invalid.values()}) == len(corruptions(schema)) == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('type = "boolean"', 'type = "bool"', "type must be boolean, date or datetime"),
        ('type = "boolean"', 'type = "boolean"\nrange = [0, 1]', "either categories, a range"),
        ("[1, 2, 5]", "[1, 2, 9007199254740993]", "codes beyond 2^53"),
        ('"elsewhere"', '"Bonn"', "town needs at least two values, all different"),
        ("range = [0, 100]", "range = [0, 100]\nother = 'x'", "other needs some"),
        ('derive = ["age", "weekday"]', 'derive = ["age", "hour"]', "has no hour"),
        ('derive = ["age", "weekday"]', 'derive = ["month"]', "derive must be some of age"),
        ('derive = ["hour", "age"]', 'derive = ["hour"]', "derive an age with age_at"),
        ('age_at = "ordered"', 'age_at = "shelf"', "age_at must be a date"),
        ('age_at = "ordered"', 'age_at = "born"', "age_at must be a date"),
        ("age_at = 2024-01-02", "age_at = '2024-02-31'", "age_at must be a date"),
        ('"age", "weekday"]', '"age"]\nformat = "%d.%m."', "needs year, month and day"),
        ('name = "grade"', 'name = "born_age"', "is also derived from a date"),
        ('name = "grade"', 'name = "grade"\nfield = "is-gift"', "must have its own name"),
        ('name = "grade"', 'name = "grade"\nfield = "event_time"', "event_time is a reserved"),
        ('name = "grade"', 'name = "grade"\nfield = "a \\" b"', "field must be one line"),
        ("[target]", "[csv]\nseparator = '#'\n[target]", "csv: separator must be one of"),
        ("[target]", "[csv]\nsep = ';'\n[target]", "csv: unknown field sep: there are separator"),
        ("[target]", "[csv]\ndecimal = ','\n[target]", "separator and decimal are both a comma"),
        ("[target]", "[csv]\nmissing = ['Bonn']\n[target]", "Bonn stands for a missing value"),
    ],
)
def test_contradiction_in_a_schema_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in TABLE
    with pytest.raises(BadSetting) as refused:
        load_schema(tmp_path, TABLE.replace(old, new))
    assert said in str(refused.value)


def test_date_that_nothing_is_derived_from_must_be_the_end_of_an_age(tmp_path: Path) -> None:
    schema = load_schema(
        tmp_path, TABLE.replace('derive = ["hour", "age"]\nage_at = 2024-01-02\n', "")
    )
    assert "ordered" not in " ".join(schema.features)
    with pytest.raises(BadSetting, match="born is no input: derive age, hour or weekday from it"):
        load_schema(tmp_path, TABLE.replace('derive = ["age", "weekday"]\nage_at = "ordered"', ""))


def test_drift_rule_leaves_out_what_follows_the_clock(schema: Schema) -> None:
    watched = {each.name for each in watched_columns(schema)}
    assert watched >= {"weight", "born_age", "ordered_age", "born_weekday missing"}
    assert not watched & {"born_weekday", "ordered_hour"}
    assert not {*feature_columns(schema)} & {"born_weekday", "ordered_hour"}


def test_inputs_of_the_cars_are_their_columns() -> None:
    assert CARS.features == tuple(column.name for column in CARS.columns)
    assert CARS.temporal == ()
