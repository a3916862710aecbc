"""The dashboards are those of the code, Grafana's models know all of them, and each can be filled.

That each shows something is in `test_drift_reaches_people`: it takes a real Prometheus.
"""

import json
import re
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from compose.grafana.__main__ import FOLDER, pages
from tests.compose.composed import FOLDER as COMPOSE
from tests.compose.composed import services
from tests.compose.queries import panels, queries
from tests.compose.test_rules import stages_tell

DASHBOARDS = pages().items()


@pytest.mark.parametrize(("name", "text"), DASHBOARDS)
def test_a_dashboard_is_that_of_the_code(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make reference`"


def test_there_is_no_dashboard_that_no_code_makes() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(pages())


@pytest.mark.parametrize(("name", "text"), DASHBOARDS)
def test_grafanas_models_read_a_dashboard_and_write_the_same(name: str, text: str) -> None:
    read = Dashboard.from_json(json.loads(text))
    assert json.loads(json.dumps(read, cls=JSONEncoder)) == json.loads(text), name


def test_every_metric_that_a_panel_asks_for_is_one_that_a_stage_tells() -> None:
    asked = {name for query in queries().values() for name in re.findall(r"\bintent_\w+", query)}
    assert asked
    assert asked - stages_tell() == set()


@pytest.mark.parametrize("name", pages())
def test_a_panel_says_what_it_shows(name: str) -> None:
    for panel in panels(name):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["targets"]


@pytest.mark.parametrize("name", pages())
def test_no_panel_hides_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(name):
        at = panel["gridPos"]
        cells = {
            (at["x"] + right, at["y"] + down) for right in range(at["w"]) for down in range(at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_panels_ask_the_data_source_that_grafana_is_given() -> None:
    given = provisioned("datasources/prometheus.yml")["datasources"]
    prometheus = next(source for source in given if source["type"] == "prometheus")
    asked = {panel["datasource"]["uid"] for name in pages() for panel in panels(name)}
    assert asked == {prometheus["uid"]}
    for source in given:
        service, _, port = source["url"].removeprefix("http://").partition(":")
        assert f":{port}" in services()[service]["ports"][0]


def test_grafana_is_given_the_folder_with_the_dashboards() -> None:
    provider = provisioned("dashboards/intent.yml")["providers"][0]
    mounted = f"./grafana/dashboards:{provider['options']['path']}:ro"
    assert mounted in services()["grafana"]["volumes"]


def provisioned(file: str) -> dict[str, Any]:
    """What Grafana reads at its start."""
    text = (COMPOSE / "grafana" / "provisioning" / file).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
