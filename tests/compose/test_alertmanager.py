"""Alertmanager's configuration: who hears of what, and what is not told beside its cause."""

import pytest
import yaml

from tests.compose.programs import ALERTMANAGER, run
from tests.compose.test_rules import alerts


def test_alertmanager_takes_the_configuration() -> None:
    assert "SUCCESS" in run("amtool", "check-config", ALERTMANAGER)


@pytest.mark.parametrize(("severity", "receiver"), [("critical", "pager"), ("warning", "desk")])
def test_critical_alerts_go_to_the_pager_and_others_to_the_desk(
    severity: str, receiver: str
) -> None:
    said = run(
        "amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}",
        f"severity={severity}",
    )  # fmt: skip
    assert said.strip() == receiver


def test_every_receiver_hears_of_the_end_as_well() -> None:
    receivers = yaml.safe_load(ALERTMANAGER.read_text())["receivers"]
    hooks = [hook for receiver in receivers for hook in receiver["webhook_configs"]]
    assert hooks
    assert all(hook["send_resolved"] for hook in hooks)


def test_what_inhibits_is_an_alert_that_exists() -> None:
    rules = yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]
    named = [
        matcher.split('"')[1]
        for rule in rules
        for matcher in rule["source_matchers"]
        if matcher.startswith("alertname")
    ]
    assert named
    assert set(named) <= {alert["alert"] for alert in alerts()}
