"""The schema that is inferred from a file, and what it says that it could not decide."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from contract.errors import BadDataset
from contract.schema import Column, Schema
from data.dataset import load_dataset
from data.inference.infer import Inferred, infer_schema
from tests.support.tables import TABLES, Table

BY_NAME = {table.name: table for table in TABLES}


def infer(folder: Path, text: str, target: str = "y") -> tuple[Inferred, Schema]:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    inferred = infer_schema(file, target)
    schema_file = folder / "table.toml"
    schema_file.write_text(inferred.text, encoding="utf-8")
    return inferred, Schema.load(schema_file)


def rows(*columns: tuple[str, Sequence[object]], separator: str = ",") -> str:
    lines = [separator.join(name for name, _ in columns)]
    lines += [separator.join(map(str, row)) for row in zip(*(c for _, c in columns), strict=True)]
    return "\n".join([*lines, ""])


def column(schema: Schema, field: str) -> Column:
    return next(each for each in schema.columns if each.wire_name == field)


Y = ("y", [0, 1] * 30)
X = ("x", [index / 7 for index in range(60)])


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_file_of_each_table_fits_its_schema(tmp_path: Path, table: Table) -> None:
    inferred, schema = infer(tmp_path, table.text(), table.target)
    assert len(load_dataset(tmp_path / "table.csv", schema)) == inferred.rows == table.rows
    for doubt in inferred.doubts:  # each is in the file too, in lines of a comment
        assert doubt.split()[0] in inferred.text


def test_dialect_is_that_of_the_file(tmp_path: Path) -> None:
    _, schema = infer(tmp_path, BY_NAME["contracts"].text(), "gekündigt?")
    assert (schema.csv.separator, schema.csv.decimal, schema.csv.missing) == (";", ",", ("-",))
    assert schema.id == "Vertrags-Nr."
    born = column(schema, "Geburtsdatum")
    assert (born.type, born.format, born.nullable) == ("date", "%d.%m.%Y", True)
    assert column(schema, "Größe/Fläche").name == "Grosse_Flache"
    assert schema.target.classes == ("nein", "ja")


def test_kinds_of_columns_are_told_apart(tmp_path: Path) -> None:
    _, passengers = infer(tmp_path, BY_NAME["passengers"].text(), "Survived")
    assert passengers.id == "PassengerId"
    assert column(passengers, "Pclass").categories == (1, 2, 3)
    assert column(passengers, "Cabin").other == "other"
    assert column(passengers, "Age").nullable
    assert "Name" not in passengers.features
    _, flights = infer(tmp_path, BY_NAME["flights"].text(), "DELAYED")
    assert column(flights, "Winter").type == "boolean"
    assert column(flights, "FL_DATE").derive == ("hour", "weekday")
    _, letters = infer(tmp_path, BY_NAME["letters"].text(), "lettr")
    assert len(letters.target.classes) == 26


def test_constant_and_empty_columns_are_left_out_with_the_reason(tmp_path: Path) -> None:
    inferred, schema = infer(tmp_path, BY_NAME["sensors"].text(), "Pass/Fail")
    assert len(schema.columns) == inferred.columns == 98
    assert inferred.left_out == 2
    assert "# sensor 5: 1 value; 100 to 100; left out: it is constant" in inferred.text
    assert "# sensor 6: 0 values; missing: 1,200 empty; left out: it is empty" in inferred.text


DOUBTS: dict[str, tuple[tuple[str, Sequence[object]], str]] = {
    "codes": (("grade", [1, 2, 3] * 20), "grade: its 3 whole numbers are taken for numbers"),
    "named codes": (("item_code", [7, 8, 9] * 20), "item_code: its whole numbers are taken for c"),
    "bits": (("bit", [0, 1, 1] * 20), "bit: 0 and 1 are taken for false and true"),
    "day or month": (("day", ["03/04/2024", "05/06/2024"] * 30), "day: the format could also be"),
    "age": (("born", ["2001-02-03", "2002-03-04"] * 30), "born: the age is that at the latest"),
    "leakage": (("paid_back", ["never", "fully"] * 30), "paid_back: it alone says the target"),
    "other": (("town", [f"t{n % 30}" for n in range(60)]), "town: the 1 most frequent of 30"),
    "marker": (("size", ["-", 1.5, 2.5] * 20), "missing: - may be a value elsewhere"),
    "groups": (("price", ["1.234.567", "2.000"] * 30), "price: some values look like numbers in"),
}


@pytest.mark.parametrize("kind", DOUBTS)
def test_what_cannot_be_decided_is_said(tmp_path: Path, kind: str) -> None:
    extra, said = DOUBTS[kind]
    inferred, _ = infer(tmp_path, rows(X, extra, Y))
    assert [doubt for doubt in inferred.doubts if doubt.startswith(said)]


def test_column_that_only_correlates_is_no_leakage(tmp_path: Path) -> None:
    half = ("half", ["a", "a", "b", "a"] * 15)
    inferred, _ = infer(tmp_path, rows(X, half, Y))
    assert not [doubt for doubt in inferred.doubts if "it alone says the target" in doubt]


def test_texts_that_look_like_missing_values_stay_categories_among_texts(tmp_path: Path) -> None:
    _, schema = infer(tmp_path, rows(X, ("garage", ["None", "brick", "wood"] * 20), Y))
    assert column(schema, "garage").categories == ("None", "brick", "wood")
    assert schema.csv.missing == ()


def test_leading_zeros_make_codes_of_numbers(tmp_path: Path) -> None:
    _, schema = infer(tmp_path, rows(X, ("plz", ["01067", "10115"] * 30), Y))
    assert column(schema, "plz").categories == ("01067", "10115")


def test_rare_values_are_not_listed(tmp_path: Path) -> None:
    towns = [f"t{n % 3}" for n in range(57)] + ["once", "twice", "twice"]
    _, schema = infer(tmp_path, rows(X, ("town", towns), Y))
    assert column(schema, "town").categories == ("t0", "t1", "t2")


@pytest.mark.parametrize("unit", [5e-324, 1e-300, 1e306, 6e306, -6e306])
def test_a_range_holds_the_smallest_and_largest_numbers(tmp_path: Path, unit: float) -> None:
    numbers = [0.5, *(n % 30 * unit for n in range(59))]
    _, schema = infer(tmp_path, rows(X, ("z", numbers), Y))
    low, high = column(schema, "z").range or (0, 0)
    assert low <= min(numbers) < max(numbers) <= high


@pytest.mark.parametrize("numbers", [X[1], [*range(200)]], ids=["fractions", "many"])
def test_numbers_are_predicted_as_numbers(tmp_path: Path, numbers: list[float]) -> None:
    inferred, schema = infer(tmp_path, rows(("z", [1, 2] * (len(numbers) // 2)), ("y", numbers)))
    assert schema.target.numeric
    assert any(doubt.startswith("y: it is predicted as a number") for doubt in inferred.doubts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rows(X, ("z", [1] * 60)), "line 1: no column y: name one of x, z"),
        (rows(X, ("y", [1] * 60)), "column y: it has 1 values and a target has 2 to 100 classes"),
        (
            rows(("c", [1] * 60), Y),
            "no column beside y can be a feature (c: left out: it is constant",
        ),
        (rows(Y), "no column beside y can be a feature (there is none)"),
        (
            rows(("z", [f"{n}e400" for n in range(60)]), Y),
            "z: left out: it has numbers beyond 1.8e308",
        ),
        ("x,y\n", "no rows below the header"),
    ],
)
def test_file_that_cannot_be_described_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadDataset) as refused:
        infer(tmp_path, text)
    assert said in str(refused.value)


def test_command_writes_the_file_once(tmp_path: Path) -> None:
    tmp_path.joinpath("table.csv").write_text(rows(X, Y), encoding="utf-8")
    command = [sys.executable, "-m", "intent.cli", "schema", "infer", "table.csv", "--target", "y"]

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    first, second = run(), run()
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "wrote table.toml: 60 rows, 1 columns, 0 left out",
        "check y: the positive class is the second, 1: swap them if not",
    ]
    assert second.returncode == 2
    assert "table.toml exists: name another file with --output, or give --force" in second.stderr
    assert Schema.load(tmp_path / "table.toml").dataset == str(tmp_path / "table.csv")
