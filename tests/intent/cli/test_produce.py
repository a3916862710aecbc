"""`intent produce` publishes what fits the contract, and says which line does not."""

import errno
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from contract.errors import BadDataset
from contract.schema import CARS
from contract.settings import Settings
from producers.records.input import RecordInput
from producers.records.parsing import RecordKind
from tests.support.builders import read_all
from tests.support.fixtures import Intent

HEADER = "User ID,Gender,Age,AnnualSalary,id\n"
GOOD = (
    b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000, "id": "a", "more": [1]}',
    b'{"Gender":"Female","Age":40,"AnnualSalary":72500.5}',
)


def _values(settings: Settings, topic: str, until: int) -> set[tuple[bytes | None, bytes | None]]:
    found = read_all(settings.kafka_bootstrap, topic, until=until)
    return {(message.key(), message.value()) for message in found}


def test_csv_becomes_records_with_the_id_as_key(
    command: Intent, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(f"\ufeff{HEADER}1,Male,35,20000,a\r\n\n2, Female ,40,72500.5,\n")
    ended = command("produce", str(file), settings=settings)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout == f"sent 2 records to {settings.topic_customers}\n"
    assert _values(settings, settings.topic_customers, 2) == {
        (b"a", b'{"Gender":"Male","Age":35.0,"AnnualSalary":20000.0,"id":"a"}'),
        (None, b'{"Gender":"Female","Age":40.0,"AnnualSalary":72500.5}'),
    }


def test_json_lines_of_standard_input_are_sent_byte_for_byte(
    command: Intent, settings: Settings
) -> None:
    ended = command("produce", "-", "--json", input=b"\n".join(GOOD), settings=settings)
    assert msgspec.json.decode(ended.stdout) == {
        "topic": settings.topic_customers,
        "sent": 2,
        "unfit": 0,
    }
    assert _values(settings, settings.topic_customers, 2) == {(b"a", GOOD[0]), (None, GOOD[1])}


@pytest.mark.parametrize(
    ("given", "output"),
    [
        (
            b"not json",
            "standard input, line 1: 'not json' is neither a JSON object nor a CSV header",
        ),
        (b'\n["a"]\n', "standard input, line 2: '[\"a\"]' is neither"),
        (b"\xef\xbb\xbf1,Male,35,20000\n", "'1,Male,35,20000' is neither"),
    ],
)
def test_input_in_neither_format_is_rejected(
    command: Intent, settings: Settings, given: bytes, output: str
) -> None:
    ended = command("produce", "-", input=given, settings=settings)
    assert ended.exit_code == 3
    assert output in ended.stderr
    assert "that names Gender, Age, AnnualSalary" in ended.stderr


@pytest.mark.parametrize("form", [(), ("--format", "csv")])
def test_blank_lines_before_the_header_are_no_header(
    command: Intent, settings: Settings, form: tuple[str, ...]
) -> None:
    lines = b"\n\nid,Purchased\na,2\n"
    ended = command("produce", "--to", "outcomes", *form, "-", input=lines, settings=settings)
    assert ended.exit_code == 3
    assert "line 4: " in ended.stderr


def test_outcomes_have_a_topic_and_a_shape_of_their_own(
    command: Intent, settings: Settings
) -> None:
    lines = b"id,Purchased\na,1\nb,0\n"
    ended = command("produce", "--to", "outcomes", "-", input=lines, settings=settings)
    assert ended.exit_code == 0, ended.stderr
    assert _values(settings, settings.topic_outcomes, 2) == {
        (b"a", b'{"id":"a","Purchased":1}'),
        (b"b", b'{"id":"b","Purchased":0}'),
    }


def test_file_with_an_invalid_line_is_rejected_and_invalid_lines_are_named(
    command: Intent, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    rows = ["1,Male,35,20000,a", "2,male,35,1,b", "3,Male,old,1,c", "4,Male,1,2,d,e", "5,Male,,1,"]
    file.write_text(HEADER + "\n".join(rows))
    ended = command("produce", str(file), settings=settings)
    assert ended.exit_code == 3
    assert ended.stderr.count("\n") == 1
    assert f"{file}: 4 of 5 records do not match the schema" in ended.stderr
    assert "line 3: Invalid enum value 'male'" in ended.stderr
    assert "line 4: Expected `float`, got `str` - at `$.Age`, value 'old'" in ended.stderr
    assert "line 5: 1 cells more than the header" in ended.stderr
    assert "line 6: Object missing required field `Age`" in ended.stderr
    assert "nothing was sent" in ended.stderr

    lenient = command("produce", "--lenient", str(file), settings=settings)
    assert "sent 5 records" in lenient.stdout, lenient.stderr
    assert "4 of them do not match the schema" in lenient.stdout
    found = _values(settings, settings.topic_customers, 5)  # and none from before
    assert (None, b'{"Gender":"Male","Age":"old","AnnualSalary":"1","id":"c"}') in found


def test_standard_input_stops_at_the_first_bad_line_and_says_what_was_sent(
    command: Intent, settings: Settings
) -> None:
    lines = b"\n".join([GOOD[0], b"", b'{"Gender": "Male"', GOOD[1]])
    ended = command("produce", "-", input=lines, settings=settings)
    assert ended.exit_code == 3
    assert "standard input, line 3: malformed_json: " in ended.stderr
    assert "sent before it: 1" in ended.stderr
    assert _values(settings, settings.topic_customers, 1) == {(b"a", GOOD[0])}


@pytest.mark.parametrize(
    ("name", "content", "output"),
    [
        ("a.csv", b"Gender,Age\nMale,1\n", "line 1: no column AnnualSalary"),
        ("a.csv", b"Gender,Age,Age,AnnualSalary\nMale,1,2,3\n", "line 1: column Age is there more"),
        ("a.csv", b"Gender,Age,AnnualSalary\nM\xe4le,1,1\n", "line 2: not UTF-8"),
        ("a.csv", b'Gender,Age,AnnualSalary\n"Male,1,1\n', "line 2: not CSV"),
        ("a.jsonl", b"Gender,Age\n", "line 1: malformed_json"),
        ("missing.csv", None, "cannot be read (No such file or directory)"),
    ],
)
def test_unreadable_file_is_one_line_without_a_connection(
    command: Intent, tmp_path: Path, name: str, content: bytes | None, output: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    ended = command("produce", str(file), env={"INTENT_KAFKA_BOOTSTRAP": "127.0.0.1:1"})
    assert ended.exit_code == 3
    assert output in ended.stderr


def test_input_that_fails_while_it_is_read_is_named() -> None:
    def lines() -> Iterator[bytes]:
        yield GOOD[0]
        raise OSError(errno.EIO, "Input/output error")

    source = RecordInput(None, lines(), RecordKind.CUSTOMERS, CARS)  # type: ignore[arg-type]
    with (
        source.records() as records,
        pytest.raises(BadDataset, match="standard input: cannot be read \\(Input/output error"),
    ):
        list(records)
