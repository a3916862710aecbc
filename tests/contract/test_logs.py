"""Log lines have one format, with a time that says its zone, or are JSON."""

import json
import logging
import re
from collections.abc import Iterator

import pytest

from contract.process import configure_logs

log = logging.getLogger("tests.logs")


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_has_an_iso_time_with_its_zone(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    log.info("now serving version=%s", 3)
    said = capsys.readouterr().err
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
    assert re.fullmatch(rf"{time} INFO tests\.logs: now serving version=3\n", said)


def test_json_is_one_object_on_one_line_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO", "json")
    try:
        json.loads("http://somebody:hush@mlflow:5000\nfailed")
    except ValueError:
        log.exception('said "no"\nto %s', "http://somebody:hush@mlflow:5000")
    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert fields["level"] == "ERROR"
    assert fields["logger"] == "tests.logs"
    assert fields["message"] == 'said "no"\nto http://***@mlflow:5000'
    assert fields["traceback"].startswith("Traceback (most recent call last):\n")
    assert fields["time"].endswith("+00:00")
    assert "hush" not in line
