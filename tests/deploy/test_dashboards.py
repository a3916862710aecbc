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

from deploy.grafana.__main__ import FOLDER, pages
from deploy.grafana.model import ACCURACY_FLOOR
from tests.deploy.composed import FOLDER as COMPOSE
from tests.deploy.composed import services
from tests.deploy.queries import annotations, panels, queries, read
from tests.support.rules import stages_tell

DASHBOARDS = pages().items()


@pytest.mark.parametrize(("name", "text"), DASHBOARDS)
def test_a_dashboard_is_that_of_the_code(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make reference`"


def test_there_is_no_dashboard_that_no_code_makes() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(pages())


@pytest.mark.parametrize(("name", "text"), DASHBOARDS)
def test_grafanas_models_read_a_dashboard_and_write_the_same(name: str, text: str) -> None:
    known = Dashboard.from_json(json.loads(text))
    assert json.loads(json.dumps(known, cls=JSONEncoder)) == json.loads(text), name


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


@pytest.mark.parametrize("name", pages())
def test_data_source_model_and_installation_are_chosen_above_the_panels(name: str) -> None:
    chosen = {each["name"]: each for each in read(name)["templating"]["list"]}
    assert list(chosen) == ["datasource", "namespace", "model", "release"]
    assert chosen["datasource"]["type"] == "datasource"
    assert 'model="$model"' in chosen["release"]["query"]
    asked = {panel["datasource"]["uid"] for panel in panels(name)}
    asked |= {each["datasource"]["uid"] for each in read(name)["annotations"]["list"]}
    assert asked == {"${datasource}"}


@pytest.mark.parametrize("name", pages())
def test_every_series_asked_for_is_of_the_chosen_installation(name: str) -> None:
    asked = [target["expr"] for panel in panels(name) for target in panel["targets"]]
    for query in [*asked, *annotations(name).values()]:
        series = re.findall(r"\b(?:intent_\w+|up|ALERTS)\b(.{0,45})", query)
        assert series, query
        for labels in series:
            assert labels.startswith('{namespace="$namespace", release="$release"'), query


@pytest.mark.parametrize("name", pages())
def test_promotions_and_drift_are_marked_in_every_panel(name: str) -> None:
    promotions, drift = annotations(name)["Promotions"], annotations(name)["Drift"]
    assert "intent_scorer_model_info" in promotions
    assert "intent_alert_firing" in drift


@pytest.mark.parametrize(
    ("name", "title", "below", "above"),
    [
        ("streaming.json", "Workers", (0, "red"), (1, "green")),
        ("model.json", "Accuracy", (0.79, "red"), (0.8, "green")),
        ("model.json", "Expected accuracy", (0.79, "red"), (0.8, "green")),
        ("model.json", "Drifted features", (0, "green"), (1, "red")),
        ("loop.json", "Critical alerts", (0, "green"), (1, "red")),
    ],
)
def test_the_color_of_a_figure_says_whether_it_is_good(
    name: str, title: str, below: tuple[float, str], above: tuple[float, str]
) -> None:
    (panel,) = (each for each in panels(name) if each["title"] == title)
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    for value, color in (below, above):
        reached = [
            step["color"] for step in steps if step.get("value") is None or step["value"] <= value
        ]
        assert reached[-1] == color


def test_the_floor_of_accuracy_is_that_of_its_alert() -> None:
    rules = yaml.safe_load((COMPOSE / "prometheus" / "rules" / "model.yml").read_text("utf-8"))
    (alert,) = (each for each in rules["groups"][0]["rules"] if each.get("alert") == "AccuracyLow")
    assert f"intent_accuracy < {ACCURACY_FLOOR} " in alert["expr"]


def test_grafana_is_given_a_prometheus() -> None:
    given = provisioned("datasources/prometheus.yml")["datasources"]
    assert [source["type"] for source in given].count("prometheus") == 1
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
