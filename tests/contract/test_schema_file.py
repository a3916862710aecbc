"""Schema files: the cars' events are what their schema makes; what cannot be used is refused."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.errors import BadSetting
from contract.schema import CARS, Schema, cars
from contract.schema.events import event_types

MADE = event_types(CARS.columns, CARS.target)

COLUMN = '[[columns]]\nname = "a"\ncategories = ["x", "y"]\n'
TARGET = '[target]\nname = "t"\nclasses = ["no", "yes"]\n'
HEAD = 'name = "mine"\ndataset = "mine.csv"\n'


def json_schema(kind: Any) -> Any:
    """Without descriptions, which say more where they are written for the cars."""
    (found,) = msgspec.json.schema(kind)["$defs"].values()
    return {name: each for name, each in found.items() if name != "description"}


@pytest.mark.parametrize(
    ("written", "made"),
    [
        (cars.CustomerRecord, MADE.record),
        (cars.Prediction, MADE.prediction),
        (cars.Outcome, MADE.outcome),
    ],
)
def test_events_of_the_cars_are_what_their_schema_makes(written: Any, made: Any) -> None:
    assert json_schema(written) == json_schema(made)
    assert list(json_schema(written)["properties"]) == list(json_schema(made)["properties"])


def test_any_identifier_can_be_a_column_even_a_keyword_of_python() -> None:
    definition = {
        "name": "mine",
        "dataset": "mine.csv",
        "columns": [{"name": "class", "range": [0, 9], "integer": True, "nullable": True}],
        "target": {"name": "from", "classes": [0, 1, 2]},
    }
    schema = msgspec.convert(definition, Schema)
    record = msgspec.json.decode(b'{"class": 3, "more": []}', type=schema.events.record)
    assert msgspec.json.encode(record) == b'{"class":3}'
    assert msgspec.json.encode(schema.events.record()) == b"{}"
    outcome = schema.events.outcome
    assert msgspec.json.encode(outcome("x", 2)) == b'{"id":"x","from":2}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"class": 3.5}', type=schema.events.record)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("name =", "not TOML"),
        (f"name = {5_000 * '['}", "not TOML: its values are nested too deep"),
        (HEAD.replace("mine.csv", "mine\\u0000.csv") + COLUMN + TARGET, "dataset must be the path"),
        (HEAD + COLUMN, "target is missing"),
        (HEAD + TARGET, "columns is missing"),
        (
            HEAD + COLUMN + "colour = 1\n" + TARGET,
            "column 'a': unknown field colour: there are name,",
        ),
        (
            HEAD + COLUMN + "range = [0, 1]\n" + TARGET,
            "a needs either categories, a range",
        ),
        (HEAD + COLUMN + "integer = true\n" + TARGET, "a is not numerical"),
        (
            HEAD + COLUMN.replace('"y"', '"x"') + TARGET,
            "a needs at least two values",
        ),
        (
            HEAD + COLUMN.replace('"y"', '" y"') + TARGET,
            "column 'a': categories must each",
        ),
        (
            HEAD + COLUMN.replace('"y"', '""') + TARGET,
            "column 'a': categories must each",
        ),
        (
            HEAD + COLUMN.replace('["x", "y"]', "3") + TARGET,
            "categories = ['red', 'blue']: 3",
        ),
        (
            HEAD + COLUMN.replace('"a"', '"two words"') + TARGET,
            "as in two_words with field = ",
        ),
        (HEAD.replace("mine", "Mine", 1) + COLUMN + TARGET, "as in mine: Mine"),
        (HEAD + COLUMN.replace("categories", "categoreis") + TARGET, "did you mean categories?"),
        (HEAD + COLUMN.replace('"a"', '"id"') + TARGET, "id is a reserved name"),
        (HEAD + COLUMN.replace('"a"', '"t"') + TARGET, "t: each column must have its own name"),
        (HEAD + '[[columns]]\nname = "n"\nrange = [5, 1]\n' + TARGET, "the smaller first"),
        (HEAD + '[[columns]]\nname = "n"\nrange = [0, nan]\n' + TARGET, "the smaller first"),
        (
            HEAD + '[[columns]]\nname = "n"\nrange = [0, 1.5]\ninteger = true\n' + TARGET,
            "the ends of its range must be integers",
        ),
        (HEAD + COLUMN + TARGET.replace('"yes"', "1"), "all texts or all integers"),
        (HEAD + COLUMN + TARGET.replace('"no", ', ""), "target 't': classes must be 2 to 100"),
        (HEAD + COLUMN + TARGET + 'labels = ["one"]\n', "a label for each class, or none"),
        (
            HEAD + COLUMN + TARGET.replace('["no", "yes"]', str(list(range(101)))),
            "target 't': classes must be 2 to 100",
        ),
    ],
)
def test_an_invalid_schema_file_is_refused(tmp_path: Path, text: str, output: str) -> None:
    file = tmp_path / "schema.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting) as refused:
        Schema.load(file)
    assert str(refused.value).startswith(f"INTENT_SCHEMA_FILE={file}: ")
    assert output in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_faults_of_a_schema_file_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "schema.toml"
    two = '[[columns]]\nname = "b b"\nrange = [1]\n'
    three = '[[columns]]\nname = "c"\nrange = [5, 1]\n'
    file.write_text(HEAD + COLUMN + two + three + TARGET + "size = 1\n", encoding="utf-8")
    with pytest.raises(BadSetting) as refused:
        Schema.load(file)
    output = str(refused.value)
    assert "column 'b b': name must be a letter" in output
    assert "column 'b b': range must be two numbers" in output
    assert "the range of c must be two numbers, the smaller first" in output
    assert "target 't': unknown field size" in output
    assert "$" not in output


def test_numbers_and_booleans_are_categories_as_in_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "schema.toml"
    column = COLUMN.replace('["x", "y"]', "[1, 2.0, true, 'x']")
    file.write_text(HEAD + column + TARGET.replace('["no", "yes"]', "[true, false]"), "utf-8")
    schema = Schema.load(file)
    assert schema.columns[0].categories == ("1", "2", "true", "x")
    assert schema.target.classes == ("true", "false")


@pytest.mark.parametrize("stage", ["producers", "stream_app", "monitoring", "training"])
def test_a_stage_without_its_schema_file_ends_in_one_line_with_code_2(
    stage: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", stage],
        env={**os.environ, "INTENT_SCHEMA_FILE": str(tmp_path / "none.toml")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    file = tmp_path / "none.toml"
    why = "cannot be read (No such file or directory)"
    assert line == f"error: INTENT_SCHEMA_FILE={file}: {why}"
