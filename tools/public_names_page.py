"""docs/public-names.md: every name that users may rely on, taken from the code."""

import json
from collections.abc import Iterable, Iterator

import click
from prometheus_client import CollectorRegistry

from contract import settings_sources
from contract.errors import DeadLetterReason
from contract.schema import CARS
from contract.schemas import schemas
from contract.settings import Settings, env_variable
from intent.cli.tree import intent
from intent.stage_settings import STAGES
from monitoring.metrics.metrics import MonitoringMetrics
from monitoring.metrics.performance import RegressionMetrics
from producers.metrics import ProducerMetrics
from stream_app.metrics import ScorerMetrics
from tools.commands_page import commands, exit_codes
from training.controller.metrics import ControllerMetrics

HEAD = """# Public names

Every name that other programs, dashboards and scripts may rely on. Made from the code by
`make reference`; `make test` fails where page and code differ. A change of a name here is a
breaking change and is announced in the [changelog](../CHANGELOG.md). Names that are not on this
page are internal and may change in any release.

Topic names are defaults; `INTENT_TOPIC_*` settings change them. With
[a schema of your own](tutorial-own-schema.md) the fields of `customers`, `predictions` and
`outcomes` follow your columns."""


def page() -> str:
    """The page."""
    return "\n".join(
        [
            HEAD,
            *("", "## Topics and event fields", "", *_topics()),
            *(
                "",
                "## Reasons of dead letters",
                "",
                _listed(reason.value for reason in DeadLetterReason),
            ),
            *("", "## Settings", "", "Meanings and defaults: [settings](settings.md).", ""),
            *_settings(),
            *("", "## Metrics", "", "Meanings and types: [metrics](metrics.md).", "", *_metrics()),
            *("", "## Commands and options", "", *_commands()),
            *("", "## Exit codes", "", *_exit_codes()),
            "",
        ]
    )


def registries() -> dict[str, CollectorRegistry]:
    """Each process that serves metrics, with its default port and its metrics."""
    return {
        "producers, port 8003": ProducerMetrics().registry,
        "stream_app, port 8001": ScorerMetrics().registry,
        "monitoring, port 8002": MonitoringMetrics(CARS).registry,
        "monitoring of a numeric target": _numeric_metrics(),
        "training serve, port 8004": ControllerMetrics().registry,
    }


def _numeric_metrics() -> CollectorRegistry:
    """The metrics of monitoring that only a numeric target has."""
    registry = CollectorRegistry()
    RegressionMetrics(registry)
    return registry


def metric_rows(registry: CollectorRegistry) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name (as Prometheus stores it), type, labels and help of each metric."""
    for collector in list(registry._collector_to_names):
        labels = tuple(getattr(collector, "_labelnames", ()))
        for metric in collector.collect():
            suffix = {"counter": "_total", "info": "_info"}.get(metric.type, "")
            yield f"{metric.name}{suffix}", metric.type, labels, metric.documentation


def _topics() -> Iterator[str]:
    yield "| topic | event | fields |"
    yield "| --- | --- | --- |"
    for file, text in schemas(CARS).items():
        topic = file.removesuffix(".json")
        for name, definition in json.loads(text)["$defs"].items():
            fields = _listed(definition.get("properties", ()))
            yield f"| [`{topic}`](schemas/{file}) | {name} | {fields} |"


def _settings() -> Iterator[str]:
    yield "| read by | settings |"
    yield "| --- | --- |"
    alone = _listed(map(env_variable, settings_sources.ENVIRONMENT_ONLY))
    yield f"| the environment only | {alone} |"
    for stage, settings in STAGES.items():
        shared = {} if settings is Settings else Settings.model_fields
        names = (env_variable(name) for name in settings.model_fields if name not in shared)
        yield f"| {stage} | {_listed(names)} |"


def _metrics() -> Iterator[str]:
    yield "| stage | metrics, with their labels |"
    yield "| --- | --- |"
    for stage, registry in registries().items():
        names = sorted(
            name + (f"{{{','.join(labels)}}}" if labels else "")
            for name, _, labels, _ in metric_rows(registry)
        )
        yield f"| {stage.partition(',')[0]} | {_listed(names)} |"


def _commands() -> Iterator[str]:
    yield "Details and examples: [commands](commands.md)."
    yield "Every command also has `--debug`, `--help` and `--port-offset`."
    yield ""
    yield "| command | arguments and options |"
    yield "| --- | --- |"
    root = click.Context(intent, info_name="intent")
    for context, command in commands(root, intent):
        names = [
            (name if name.startswith("-") else name.upper())
            for parameter in command.get_params(context)
            for name in parameter.opts
            if name not in ("--debug", "--help", "-h", "--port-offset")
        ]
        yield f"| `{context.command_path}` | {_listed(names)} |"


def _exit_codes() -> Iterator[str]:
    yield "Of `intent` and of every stage's process; an error also prints one line. An invalid"
    yield "command line ends with 2. What to do: [troubleshooting](troubleshooting.md#exit-codes)."
    yield ""
    yield "| code | error | meaning |"
    yield "| --- | --- | --- |"
    yield "| 0 | | success, or an orderly stop |"
    yield "| 1 | | a bug, or a fault that `intent doctor` found |"
    for code, name, meaning in exit_codes():
        yield f"| {code} | `{name}` | {meaning} |"
    yield "| 130, 143 | | interrupted by SIGINT or SIGTERM before an orderly stop was possible |"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
