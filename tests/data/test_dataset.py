"""The loader accepts variants of the original file, and reports every fault of an invalid one."""

from pathlib import Path

import pytest

from contract.errors import BadDataset
from contract.schema import CARS
from data import dataset

HEADER = "User ID,Gender,Age,AnnualSalary,Purchased"
ROW = "385,Male,35,20000,0"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "car_data.csv"


def write(path: Path, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def fault(path: Path) -> str:
    with pytest.raises(BadDataset) as caught:
        dataset.load_dataset(path, CARS)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_row_has_a_type_for_each_column(path: Path) -> None:
    frame = dataset.load_dataset(write(path, HEADER, ROW, "681,Female,40.5,43500,1"), CARS)
    assert frame.to_dict("records") == [
        {"User ID": "385", "Gender": "Male", "Age": 35.0, "AnnualSalary": 20_000.0, "Purchased": 0},
        {"User ID": "681", "Gender": "Female", "Age": 40.5, "AnnualSalary": 43_500.0,
         "Purchased": 1},
    ]  # fmt: skip
    assert [str(kind) for kind in frame.dtypes[2:]] == ["float64", "float64", "int64"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_byte_order_mark_and_line_ends_change_nothing(path: Path, end: str, encoding: str) -> None:
    plain = dataset.load_dataset(write(path, HEADER, ROW), CARS)
    assert dataset.load_dataset(write(path, HEADER, ROW, end=end, encoding=encoding), CARS).equals(
        plain
    )


def test_further_columns_any_order_spaces_quotes_and_empty_lines_are_taken(path: Path) -> None:
    plain = dataset.load_dataset(write(path, HEADER, ROW), CARS)
    other = write(
        path,
        "Email,Purchased, Gender,AnnualSalary,User ID,Age",
        '"one, two", 0 ,"Male",20000,385,35',
        "",
    )
    assert dataset.load_dataset(other, CARS).equals(plain)


def test_missing_columns_are_named(path: Path) -> None:
    message = fault(write(path, "User ID,Gender,Age,Salary", "1,Male,35,20000"))
    assert message.startswith(f"{path}, line 1: no column AnnualSalary, Purchased;")


def test_a_column_that_is_there_twice_is_named(path: Path) -> None:
    message = fault(write(path, "User ID,Gender,Age,Age,AnnualSalary,Purchased", ROW))
    assert message == f"{path}, line 1: column Age is there more than once; keep one"


BAD_CELLS = {
    "1,Male,old,20000,0": ("Age", "'old' must be a number from 0 to 150"),
    "1,Male,nan,20000,0": ("Age", "'nan' must be a number from 0 to 150"),
    "1,Male,,20000,0": ("Age", "'' must be a number from 0 to 150"),
    "1,Male,151,20000,0": ("Age", "'151' must be a number from 0 to 150"),
    "1,Male,35,-1,0": ("AnnualSalary", "'-1' must be a number from 0 to 1000000000"),
    "1,Male,35,inf,0": ("AnnualSalary", "'inf' must be a number from 0 to 1000000000"),
    "1,male,35,20000,0": ("Gender", "'male' must be one of Female, Male"),
    "1,,35,20000,0": ("Gender", "'' must be one of Female, Male"),
    "1,Male,35,20000,2": ("Purchased", "'2' must be 0 or 1"),
    "1,Male,35,20000": ("Purchased", "'' must be 0 or 1"),
}


@pytest.mark.parametrize(("row", "message"), BAD_CELLS.items())
def test_invalid_cell_is_reported_with_file_line_and_column(
    path: Path, row: str, message: tuple[str, str]
) -> None:
    column, wanted = message
    assert fault(write(path, HEADER, ROW, row, ROW)) == f"{path}, line 3, column {column}: {wanted}"


def test_all_faults_of_a_file_are_reported_at_once_by_column(path: Path) -> None:
    old = [f"1,Male,old{number},20000,0" for number in range(7)]
    message = fault(write(path, HEADER, *old, ROW, "1,male,35,-1,1.0"))
    assert message == (
        f"{path}, column Age, lines 2, 3, 4, 5, 6 and 2 more: 'old0', 'old1', 'old2', 'old3', "
        "'old4' must be a number from 0 to 150; line 10, column Gender: 'male' must be one of "
        "Female, Male; line 10, column AnnualSalary: '-1' must be a number from 0 to 1000000000"
    )


def test_line_is_that_of_the_file_where_a_cell_before_it_has_lines_of_its_own(path: Path) -> None:
    rows = ['"3\n8\n5",Male,35,20000,0', "", "1,Male,old,20000,0"]
    assert ", line 6, column Age:" in fault(write(path, HEADER, *rows))


@pytest.mark.parametrize("lines", [[], [HEADER], [HEADER, "", ""]])
def test_file_without_rows_is_an_error(path: Path, lines: list[str]) -> None:
    message = fault(write(path, *lines))
    assert message.startswith(
        f"{path}, line {2 if lines else 1}: no {'rows' if lines else 'column'}"
    )


def test_missing_file_is_an_error_that_names_the_setting(path: Path) -> None:
    assert fault(path) == (
        f"{path}: cannot be read (No such file or directory); set INTENT_DATASET to a data file"
    )


def test_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    assert fault(tmp_path).startswith(f"{tmp_path}: cannot be read (Is a directory)")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_file_that_is_not_utf_8_is_an_error_with_its_line(path: Path, encoding: str) -> None:
    line = 1 if encoding == "utf-16" else 3  # the mark of UTF-16 is no UTF-8 itself
    message = fault(write(path, HEADER, ROW, "Zoë,Female,35,20000,0", encoding=encoding))
    assert message == f"{path}, line {line}: not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize("row", ['"385,Male,35,20000,0', '385,"Male"x,35,20000,0'])
def test_open_quote_is_reported_with_the_line_on_which_it_begins(path: Path, row: str) -> None:
    assert fault(write(path, HEADER, ROW, row, ROW)).startswith(f"{path}, line 3: not CSV (")
