"""Prometheus rules, and the metrics that the stages export."""

from typing import Any, Final

import yaml
from prometheus_client import CollectorRegistry

from contract.schema import CARS
from monitoring.metrics.metrics import MonitoringMetrics
from producers.metrics import ProducerMetrics
from stream_app.metrics import ScorerMetrics
from tests.deploy.programs import PROMETHEUS
from tests.examples.deliveries import SCHEMA as DELIVERIES
from training.controller.metrics import ControllerMetrics

RUNBOOK_URL: Final = "http://127.0.0.1:8002/static/alerts.html"
"""The page that `runbook_url` leads to, for `make demo` and compose; the chart puts in its own."""


def load_rules() -> list[dict[str, Any]]:
    """All rules that ship."""
    files = sorted((PROMETHEUS / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerting_rules() -> list[dict[str, Any]]:
    """The alerting rules."""
    return [rule for rule in load_rules() if "alert" in rule]


def exported_names(registry: CollectorRegistry) -> set[str]:
    """Names of its metrics in Prometheus."""
    suffixes = {
        "counter": ("_total",),
        "info": ("_info",),
        "histogram": ("_bucket", "_sum", "_count"),
    }
    return {
        metric.name + suffix
        for metric in registry.collect()
        for suffix in suffixes.get(metric.type, ("",))
    }


def stage_metric_names() -> set[str]:
    """Names of all stages' metrics."""
    stages = (
        ProducerMetrics(),
        ScorerMetrics(),
        MonitoringMetrics(CARS),
        MonitoringMetrics(DELIVERIES),
        ControllerMetrics(),
    )
    return set[str]().union(*(exported_names(each.registry) for each in stages))
