"""CSV files of other people: separators, decimal commas, quotes, missing markers, spellings."""

from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pytest

from contract.errors import BadDataset
from contract.schema import Schema
from data.dataset import load_dataset
from producers.records.input import RecordInput
from producers.records.parsing import FileRecord, RecordKind

SCHEMA = msgspec.convert(
    {
        "name": "orders",
        "dataset": "orders.csv",
        "columns": [
            {"name": "weight", "field": "Gewicht (kg)", "range": [0, 100], "nullable": True},
            {"name": "gift", "field": "is-gift", "type": "boolean", "nullable": True},
            {"name": "grade", "categories": [1, 2], "nullable": True},
            {"name": "town", "field": "ship.town", "categories": ["Köln", "Bonn"], "other": "else",
             "nullable": True},
            {"name": "ordered", "type": "date", "format": "%d.%m.%Y", "derive": ["weekday"],
             "nullable": True},
        ],
        "target": {"name": "returned", "classes": [0, 1]},
        "csv": {"separator": ";", "decimal": ",", "quote": "'", "missing": ["?", "NA", "-"]},
    },
    Schema,
)  # fmt: skip

HEADER = "'Gewicht (kg)';is-gift;grade;ship.town;ordered;returned"
LINES = (
    "1,5;Yes;1;'Köln;Deutz';24.12.2023;0",
    "?;NA;-;?;NA;1",
    "2;0;2.0;Bonn;1.1.2024;0",
    ";;;;;1",
)


def write(folder: Path, *lines: str) -> Path:
    file = folder / "orders.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


def test_data_set_is_read_as_its_dialect_says(tmp_path: Path) -> None:
    rows = load_dataset(write(tmp_path, *LINES), SCHEMA)
    assert rows["weight"].tolist()[::2] == [1.5, 2.0]
    assert rows["gift"].tolist()[::2] == ["true", "false"]
    assert rows["grade"].tolist()[::2] == ["1", "2"]
    assert rows["town"].tolist()[::2] == ["Köln;Deutz", "Bonn"]
    assert rows["ordered"].tolist()[::2] == ["2023-12-24", "2024-01-01"]
    assert rows.iloc[[1, 3], :5].isna().to_numpy().all()
    frame = SCHEMA.encoder.to_frame(SCHEMA.encoder.to_records(rows))
    assert frame["town"].tolist() == ["else", np.nan, "Bonn", np.nan]
    assert frame["ordered_weekday"].tolist() == ["Sun", np.nan, "Mon", np.nan]


def published(file: Path) -> list[FileRecord]:
    source = RecordInput(file, BytesIO(), RecordKind.CUSTOMERS, SCHEMA)
    with source.records() as records:
        return list(records)


def test_published_records_are_those_of_the_data_set(tmp_path: Path) -> None:
    file = write(tmp_path, *LINES)
    records = published(file)
    assert [record.fault for record in records] == [None] * len(LINES)
    decoded = SCHEMA.codec.decode_customers([record.value for record in records])
    rows = load_dataset(file, SCHEMA)
    assert decoded.events == SCHEMA.encoder.to_records(rows)
    assert msgspec.json.decode(records[0].value) == {
        "Gewicht (kg)": 1.5, "is-gift": True, "grade": 1, "ship.town": "Köln;Deutz",
        "ordered": "2023-12-24",
    }  # fmt: skip


BAD_CELLS = {
    "1.000,5;1;1;Bonn;1.1.2024;0": (
        "Gewicht (kg)", "weight: '1.000,5' must be a number from 0 to 100",
    ),
    "1;maybe;1;Bonn;1.1.2024;0": ("is-gift", "gift: 'maybe' must be true or false (or yes, no"),
    "1;1;3;Bonn;1.1.2024;0": ("grade", "grade: '3' must be one of 1, 2"),
    "1;1;1;Bonn;2024/01/01;0": ("ordered", "ordered: '2024/01/01' must be a date as in %d.%m.%Y"),
}  # fmt: skip


@pytest.mark.parametrize("line", BAD_CELLS)
def test_bad_cell_is_named_by_loader_and_by_produce(tmp_path: Path, line: str) -> None:
    field, said = BAD_CELLS[line]
    file = write(tmp_path, line)
    with pytest.raises(BadDataset) as caught:
        load_dataset(file, SCHEMA)
    assert f"line 2, column {said}" in str(caught.value)
    (record,) = published(file)
    assert record.fault
    assert f"`$.{field}`, value " in record.fault


def test_file_with_another_separator_is_refused_with_the_expected_one(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("is-gift,grade,returned\n", encoding="utf-8")
    with pytest.raises(BadDataset, match="with ';' between them"):
        load_dataset(file, SCHEMA)


def test_outcomes_are_read_in_the_same_dialect(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text("id;returned\na;1\n", encoding="utf-8")
    source = RecordInput(file, BytesIO(), RecordKind.OUTCOMES, SCHEMA)
    with source.records() as records:
        (record,) = records
    assert (record.value, record.fault) == (b'{"id":"a","returned":1}', None)
