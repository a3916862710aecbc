"""The dashboards match their code, Grafana's models accept them, and their metrics exist.

`test_drift_reaches_people` checks with a real Prometheus that each panel has data.
"""

import json
import re
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from contract.schema import CARS
from deploy.grafana.__main__ import FOLDER, render_dashboards
from deploy.grafana.specification import read_specifications
from tests.deploy.composed import services
from tests.deploy.programs import PROMETHEUS
from tests.deploy.queries import annotations, panels, queries, read
from tests.examples.deliveries import SCHEMA as DELIVERIES
from tests.support.rules import stage_metric_names

DASHBOARDS = render_dashboards(CARS)


@pytest.mark.parametrize(("name", "text"), DASHBOARDS.items())
def test_a_dashboards_json_matches_its_code(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make reference`"


def test_every_dashboard_has_its_code() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(DASHBOARDS)


@pytest.mark.parametrize(("name", "text"), DASHBOARDS.items())
def test_grafanas_models_decode_a_dashboard_and_encode_the_same(name: str, text: str) -> None:
    dashboard = Dashboard.from_json(json.loads(text))
    assert json.loads(json.dumps(dashboard, cls=JSONEncoder)) == json.loads(text), name


def test_every_metric_in_a_query_is_exported_by_a_stage() -> None:
    texts = [*queries().values(), *render_dashboards(DELIVERIES).values()]
    metrics = {name for text in texts for name in re.findall(r"\bintent_\w+", text)}
    assert metrics
    assert metrics - stage_metric_names() == set()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_panel_has_a_title_a_description_and_a_query(name: str) -> None:
    for panel in panels(name):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["targets"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_do_not_overlap(name: str) -> None:
    occupied: set[tuple[int, int]] = set()
    for panel in panels(name):
        position = panel["gridPos"]
        cells = {
            (position["x"] + column, position["y"] + row)
            for column in range(position["w"])
            for row in range(position["h"])
        }
        assert not cells & occupied, panel["title"]
        assert max(x for x, _ in cells) < 24
        occupied |= cells


@pytest.mark.parametrize("name", DASHBOARDS)
def test_variables_select_data_source_model_and_installation(name: str) -> None:
    variables = {variable["name"]: variable for variable in read(name)["templating"]["list"]}
    assert list(variables) == ["datasource", "namespace", "model", "release"]
    assert variables["datasource"]["type"] == "datasource"
    assert 'model="$model"' in variables["release"]["query"]
    uids = {panel["datasource"]["uid"] for panel in panels(name)}
    uids |= {annotation["datasource"]["uid"] for annotation in read(name)["annotations"]["list"]}
    assert uids == {"${datasource}"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_selects_the_installation(name: str) -> None:
    expressions = [target["expr"] for panel in panels(name) for target in panel["targets"]]
    for query in [*expressions, *annotations(name).values()]:
        series = re.findall(r"\b(?:intent_\w+|up|ALERTS)\b(.{0,45})", query)
        assert series, query
        for labels in series:
            assert labels.startswith('{namespace="$namespace", release="$release"'), query


@pytest.mark.parametrize("name", DASHBOARDS)
def test_promotions_and_drift_are_annotated(name: str) -> None:
    promotions, drift = annotations(name)["Promotions"], annotations(name)["Drift"]
    assert "intent_scorer_model_info" in promotions
    assert "intent_alert_firing" in drift


@pytest.mark.parametrize(
    ("name", "title", "below", "above"),
    [
        ("streaming.json", "Workers", (0, "red"), (1, "green")),
        ("model.json", "Accuracy", (0.79, "red"), (0.8, "green")),
        ("model.json", "Estimated accuracy", (0.79, "red"), (0.8, "green")),
        ("model.json", "Drifted columns", (0, "green"), (1, "red")),
        ("pipeline.json", "Critical alerts", (0, "green"), (1, "red")),
    ],
)
def test_a_figure_is_red_on_the_bad_side_of_its_threshold(
    name: str, title: str, below: tuple[float, str], above: tuple[float, str]
) -> None:
    (panel,) = (panel for panel in panels(name) if panel["title"] == title)
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    for value, color in (below, above):
        reached = [
            step["color"] for step in steps if step.get("value") is None or step["value"] <= value
        ]
        assert reached[-1] == color


def test_the_accuracy_threshold_matches_its_alert() -> None:
    rules = yaml.safe_load((PROMETHEUS / "rules" / "model.yml").read_text("utf-8"))
    (alert,) = (rule for rule in rules["groups"][0]["rules"] if rule.get("alert") == "AccuracyLow")
    accuracy, *_ = read_specifications(CARS)["model"].figures
    assert f"{accuracy.query.split()[0]} < {accuracy.red_below} " in alert["expr"]


def test_dashboard_has_the_panels_of_the_kind_of_target() -> None:
    by_kind = {}
    for kind, schema in (("classes", CARS), ("numbers", DELIVERIES)):
        model = read_specifications(schema)["model"]
        by_kind[kind] = {
            panel.title: panel
            for panel in (*model.figures, *(each for row in model.rows for each in row.panels))
        }
        assert len(model.figures) == 6
    classes, numbers = by_kind["classes"], by_kind["numbers"]
    assert "Confusion matrix" in classes.keys() - numbers.keys()
    assert "Interval coverage" in numbers.keys() - classes.keys()
    assert numbers["Mean absolute error"].unit == DELIVERIES.target.unit


def test_grafana_has_one_prometheus_data_source() -> None:
    sources = provisioned("datasources/prometheus.yml")["datasources"]
    assert [source["type"] for source in sources].count("prometheus") == 1
    for source in sources:
        service, _, port = source["url"].removeprefix("http://").partition(":")
        assert f":{port}" in services()[service]["ports"][0]


def test_grafana_loads_the_folder_of_the_dashboards() -> None:
    provider = provisioned("dashboards/intent.yml")["providers"][0]
    mounted = f"../deploy/grafana/dashboards:{provider['options']['path']}:ro"
    assert mounted in services()["grafana"]["volumes"]


def provisioned(file: str) -> dict[str, Any]:
    """Reads one of Grafana's provisioning files."""
    text = (FOLDER.parent / "provisioning" / file).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
