"""The page's scripts read only events, fields and settings that the server sends."""

import html
import re
from collections.abc import Collection

import msgspec
import pytest

from contract.events import Alert, LifecycleEvent
from contract.schema.cars import Prediction
from monitoring.live.buffers import RatePoint
from monitoring.live.collector import StreamSnapshot
from monitoring.live.histograms import BinnedDistribution
from monitoring.live.messages import DeadLetterText
from monitoring.pages.app import PAGES_FOLDER
from monitoring.pages.record_tester import RecordResult
from monitoring.windows.summary import ColumnSummary, WindowSummary
from tests.support.pages import EMPTY_PAGE_DATA, page_client

SCRIPTS = {file.name: file.read_text("utf-8") for file in PAGES_FOLDER.glob("static/*.js")}


def properties(variable: str, scripts: Collection[str]) -> set[str]:
    """Returns the names that the scripts read of a variable, with `.` or by destructuring."""
    text = "\n".join(SCRIPTS[name] for name in scripts)
    names = set(re.findall(rf"(?<![\w.]){variable}\??\.(\w+)", text))
    for destructured in re.findall(rf"const {{([^}}]*)}} = {variable};", text):
        names |= {name.split(":")[0].strip() for name in destructured.split(",")}
    return names


@pytest.mark.parametrize(
    ("variable", "scripts", "struct"),
    [
        ("alert", ["timeline.js", "drift.js"], Alert),
        ("event", ["timeline.js"], LifecycleEvent),
        ("letter", ["dead_letters.js"], DeadLetterText),
        ("distribution", ["distributions.js"], BinnedDistribution),
        ("point", ["stream.js"], RatePoint),
        ("latest", ["stream.js"], RatePoint),
        ("snapshot", ["stream.js", "main.js"], StreamSnapshot),
        ("result", ["form.js"], RecordResult),
        ("prediction", ["form.js"], Prediction),
        ("column", ["drift.js", "windows.js"], ColumnSummary),
        (
            "window",
            ["windows.js", "drift.js", "chart.js", "window_distributions.js"],
            WindowSummary,
        ),
    ],
)
def test_scripts_read_only_fields_that_exist(
    variable: str, scripts: list[str], struct: type[msgspec.Struct]
) -> None:
    names = properties(variable, scripts)
    assert names
    assert names <= {*struct.__struct_fields__}


def test_scripts_handle_every_event() -> None:
    handlers = SCRIPTS["main.js"].partition("const handlers = {")[2].partition("\n};")[0]
    names = set(re.findall(r"^  (\w+)[:,(]", handlers, re.MULTILINE))
    assert names == {*EMPTY_PAGE_DATA.snapshot(), "window"}


def test_scripts_read_only_settings_that_the_page_has() -> None:
    with page_client() as client:
        _, page = client.get("/")
    (attribute,) = re.findall(r'data-config="([^"]*)"', page)
    assert properties("config", SCRIPTS) == {*msgspec.json.decode(html.unescape(attribute))}
