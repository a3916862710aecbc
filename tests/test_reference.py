"""The reference pages are those of the code."""

import re
from pathlib import Path

import pytest

from contract import settings_sources
from tools import alerts_page
from tools.reference import names, pages

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_reference_page_is_current(name: str, text: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == text, "run `make reference`"


def test_a_metric_is_explained_without_its_neighbours() -> None:
    rows = [line.split(" | ") for line in pages()["metrics.md"].splitlines() if "`intent_" in line]
    assert rows
    for row in rows:
        output = re.search(
            r"^(of )?(these|those)\b|(?<!became )\bof (these|those|them)\b|\bof the two\b|"
            r"\bon (these|those|them)\b|\bof that \w+,",
            row[3],
            re.IGNORECASE,
        )
        assert output is None, row


def test_every_schema_in_the_docs_is_of_a_topic() -> None:
    written = {f"schemas/{path.name}" for path in (DOCS / "schemas").iterdir()}
    assert written == {name for name in pages() if name.startswith("schemas/")}


def test_list_of_settings_is_current() -> None:
    assert settings_sources.NAMES_FILE.read_text(encoding="ascii") == names(), (
        "run `make reference`"
    )


def test_page_of_alerts_that_the_monitoring_serves_is_current() -> None:
    assert alerts_page.PAGE.read_text(encoding="utf-8") == alerts_page.page(), (
        "run `make reference`"
    )
