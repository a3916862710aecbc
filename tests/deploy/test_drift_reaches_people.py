"""A real drift of a real stream, through every real program, to whoever hears of it or looks."""

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.codec import decode_alert
from contract.events import Alert
from intent.local.network import http_get
from tests.deploy.people import LOOPBACK, Webhook, alertmanager, called, prometheus
from tests.deploy.programs import program
from tests.deploy.queries import empty, links
from tests.support.builders import eventually, read_all
from tests.support.ports import free_ports
from tests.support.rules import exported_names
from tests.support.stacks import await_line, stack_process
from training.controller.metrics import ControllerMetrics

pytestmark = pytest.mark.alone

PORTS = ("BROKER_PORT", "SCORER_PORT", "MONITORING_PORT", "SIMULATOR_PORT")
NOT_HERE = {*exported_names(ControllerMetrics().registry), "intent_scorer_shadow"}
"""This stack has no loop; panels of what it tells are looked at in `test_without_engine`."""
HEARD = 180
"""Seconds: the drift comes and goes in 20, the rest is for a busy machine."""


@pytest.fixture
def env(tmp_path: Path, champion: dict[str, str]) -> dict[str, str]:
    """A stack of its own, whose customers are 12 years older from second 8 to second 20."""
    for name in ("prometheus", "alertmanager"):
        program(name)  # missing ones are reported before anything is started
    ports = dict(zip(PORTS, map(str, free_ports(LOOPBACK, len(PORTS))), strict=True))
    own = {
        **ports,
        **{name.upper(): value for name, value in champion.items()},
        "DATA_DIR": str(tmp_path / "data"),
        "RETRAIN_ENABLED": "false",
        "RATE": "250",
        "WINDOW_SECONDS": "2",
        "ALLOWED_LATENESS": "1",
        "OUTCOME_DELAY": "1",
        "DRIFT_START": "8",
        "DRIFT_RAMP": "0",
        "DRIFT_END": "20",
        "DRIFT_AGE_SHIFT": "12",
    }
    return {**os.environ, **{f"INTENT_{name}": value for name, value in own.items()}}


@pytest.fixture
def watch(tmp_path: Path, env: dict[str, str]) -> Iterator[tuple[Webhook, str]]:
    """Whoever is called by Alertmanager, and the Prometheus (host:port) that tells it."""
    targets = {
        job: f"{LOOPBACK}:{env[f'INTENT_{job.upper()}_PORT']}"
        for job in ("scorer", "monitoring", "simulator")
    }
    with (
        called() as hook,
        alertmanager(tmp_path, hook) as manager,
        prometheus(tmp_path, targets, manager) as address,
    ):
        yield hook, address


def test_a_drift_is_told_once_when_it_begins_and_once_when_it_has_ended_and_every_panel_shows_it(
    env: dict[str, str], watch: tuple[Webhook, str]
) -> None:
    webhook, prometheus = watch
    bootstrap = f"{LOOPBACK}:{env['INTENT_BROKER_PORT']}"
    port = int(env["INTENT_MONITORING_PORT"])

    with stack_process(env) as process:
        await_line(process, "scored")
        eventually(lambda: webhook.of("Drift", kind="data_drift"), HEARD)
        receiver, post = webhook.of("Drift", kind="data_drift")[0]
        began = data_drift(bootstrap)[0]

        assert receiver == "/warning"
        assert post["status"] == "firing"
        assert "Age by +" in post["alerts"][0]["annotations"]["description"]
        assert "higher than in the reference" in began.message
        assert began.report_path
        assert http_get(LOOPBACK, port, began.report_path)
        eventually(lambda: empty(prometheus, NOT_HERE) == [], HEARD, every=1)
        followed = [opened(url) for url in links(prometheus, "model.json")]
        assert any("/reports/" in address for address, _ in followed)
        assert all("<html" in page.lower() for _, page in followed)

        eventually(lambda: len(webhook.of("Drift", kind="data_drift")) > 1, HEARD)
        published = data_drift(bootstrap)
        assert [alert.status for alert in published] == ["firing", "resolved"]
        assert {alert.incident for alert in published} == {began.incident}
        posts = [post for _, post in webhook.of("Drift", kind="data_drift")]
        assert [post["status"] for post in posts] == ["firing", "resolved"]


def opened(url: str) -> tuple[str, str]:
    """Where a link leads to, and what is there."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  ours
        return answer.url, answer.read().decode()


def data_drift(bootstrap: str) -> list[Alert]:
    """What the topic says of it."""
    alerts = [decode_alert(message.value()) for message in read_all(bootstrap, "alerts")]
    return [alert for alert in alerts if alert.kind == "data_drift"]
