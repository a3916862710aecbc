"""Alertmanager's configuration: receivers, and what is inhibited beside its cause."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from intent.local.network import http_get
from tests.deploy.people import alertmanager, called
from tests.deploy.programs import ALERTMANAGER, run
from tests.support.builders import eventually
from tests.support.rules import alerting_rules


def test_alertmanager_accepts_the_configuration() -> None:
    assert "SUCCESS" in run("amtool", "check-config", ALERTMANAGER)


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_alerts_are_routed_to_the_receiver_of_their_severity(severity: str) -> None:
    output = run(
        "amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}",
        f"severity={severity}",
    )  # fmt: skip
    assert output.strip() == severity


def test_every_receiver_gets_resolved_alerts() -> None:
    receivers = yaml.safe_load(ALERTMANAGER.read_text())["receivers"]
    hooks = [hook for receiver in receivers for hook in receiver["webhook_configs"]]
    assert hooks
    assert all(hook["send_resolved"] for hook in hooks)


def test_inhibiting_alerts_exist() -> None:
    rules = yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]
    named = [
        matcher.split('"')[1]
        for rule in rules
        for matcher in rule["source_matchers"]
        if matcher.startswith("alertname")
    ]
    assert named
    assert set(named) <= {alert["alert"] for alert in alerting_rules()}


def test_consequences_of_an_alert_are_inhibited(tmp_path: Path) -> None:
    sent = [
        {"alertname": "NoScorer", "severity": "critical", "stage": "scorer"},
        {"alertname": "ScorerDown", "severity": "warning", "stage": "scorer"},
        {
            "alertname": "ScorerDown",
            "severity": "warning",
            "stage": "scorer",
            "namespace": "staging",
            "release": "intent",
        },
        {"alertname": "MonitoringLagGrowing", "severity": "warning", "stage": "monitoring"},
        {"alertname": "DeadLetterRatioHigh", "severity": "critical", "stage": "other"},
        {"alertname": "DeadLetterRatioHigh", "severity": "warning", "stage": "other"},
    ]
    with called() as hook, alertmanager(tmp_path, hook) as address:
        post(address, [{"labels": labels} for labels in sent])
        eventually(lambda: len(hook.posts) >= 4)
        assert inhibited(address) == {("ScorerDown", "warning"), ("DeadLetterRatioHigh", "warning")}
        notified = {
            alert["labels"]["alertname"]
            for _, notified in hook.posts
            for alert in notified["alerts"]
        }
        assert notified == {"NoScorer", "ScorerDown", "MonitoringLagGrowing", "DeadLetterRatioHigh"}


def post(address: str, alerts: list[dict[str, Any]]) -> None:
    """Tells Alertmanager of alerts, as Prometheus does."""
    request = urllib.request.Request(
        f"http://{address}/api/v2/alerts",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()  # noqa: S310


def inhibited(address: str) -> set[tuple[str, str]]:
    """Name and severity of the alerts that Alertmanager knows of and does not tell."""
    host, port = address.split(":")
    alerts = json.loads(http_get(host, int(port), "/api/v2/alerts") or b"[]")
    return {
        (alert["labels"]["alertname"], alert["labels"]["severity"])
        for alert in alerts
        if alert["status"]["inhibitedBy"]
    }
