"""Prometheus' configuration and rules: promtool takes them, and each alert fires when it should."""

import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from tests.deploy.programs import PROMETHEUS, run
from tests.support.rules import RUNBOOK_URL, alerting_rules, load_rules, stage_metric_names
from tools import alerts_page

UNIT_TESTS = sorted(Path(__file__).with_name("rules").glob("*.yml"))


@pytest.mark.parametrize("name", ["prometheus.yml", "compose.yml"])
def test_prometheus_takes_the_configuration_and_finds_every_rule_file(
    name: str, tmp_path: Path
) -> None:
    config = copytree(PROMETHEUS, tmp_path / "prometheus") / name
    token = tmp_path / "listen-token"  # as `start` would have written it
    token.touch()
    config.write_text(config.read_text().replace("/tmp/listen-token", str(token)))  # noqa: S108
    output = run("promtool", "check", "config", config)
    assert f"{len(list((PROMETHEUS / 'rules').iterdir()))} rule files found" in output


@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.stem)
def test_rules_fire_when_they_should_and_only_then(file: Path) -> None:
    run("promtool", "test", "rules", file)


def test_every_sum_is_over_one_installation() -> None:
    over = re.compile(r"(?<!:)\b(?:sum|max|min|avg|count|group)\b(?! by \(namespace, release\b)")
    for rule in load_rules():
        assert not over.search(rule["expr"]), rule
        assert "on ()" not in rule["expr"].replace("unless on () intent:installation", ""), rule


def test_no_rule_names_a_topic() -> None:
    for rule in load_rules():
        assert "topic=" not in rule["expr"], rule


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    fires: set[tuple[str, str]] = set()
    silent: set[str] = set()
    for file in UNIT_TESTS:
        for scenario in yaml.safe_load(file.read_text())["tests"]:
            for case in scenario.get("alert_rule_test", []):
                silent |= set() if case["exp_alerts"] else {case["alertname"]}
                fires |= {
                    (case["alertname"], expected["exp_labels"]["severity"])
                    for expected in case["exp_alerts"]
                }
    assert fires == {(alert["alert"], alert["labels"]["severity"]) for alert in alerting_rules()}
    assert silent == {alert["alert"] for alert in alerting_rules()}


def test_every_metric_in_a_rule_is_exported_by_a_stage() -> None:
    recorded = {rule["record"] for rule in load_rules() if "record" in rule}
    asked = {
        name
        for rule in load_rules()
        for text in (rule["expr"], *rule.get("annotations", {}).values())
        for name in re.findall(r"\bintent[_:][a-z0-9_:]+", text)
    }
    assert asked - stage_metric_names() - recorded == set()
    assert recorded <= asked, "a recording rule that nobody asks for"


@pytest.mark.parametrize("alert", alerting_rules(), ids=lambda alert: str(alert["alert"]))
def test_alert_has_severity_summary_and_description(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["labels"]["stage"] in ("scorer", "model", "monitoring", "training")
    assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == RUNBOOK_URL
    assert f'<h3 id="{anchor}">{alert["alert"]}</h3>' in alerts_page.page()
