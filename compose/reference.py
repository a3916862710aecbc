"""`python -m compose.reference FOLDER`: the reference pages that are made from the code."""

import sys
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic_core import PydanticUndefined

from compose.local.settings import LocalSettings
from contract.process import run
from contract.schemas import schemas
from contract.settings import PREFIX, Settings
from monitoring.metrics import MonitoringMetrics
from monitoring.settings import MonitoringSettings
from producers.metrics import ProducerMetrics
from producers.settings import ProducerSettings
from stream_app.metrics import ScorerMetrics
from stream_app.settings import ScorerSettings
from training.loop.metrics import LoopMetrics
from training.settings import TrainingSettings

ROOT = Path(__file__).parents[1]

STAGES: dict[str, type[Settings]] = {
    "every stage": Settings,
    "producers": ProducerSettings,
    "stream_app": ScorerSettings,
    "monitoring": MonitoringSettings,
    "training": TrainingSettings,
    "compose.local (`make demo`)": LocalSettings,
}


def pages() -> dict[str, str]:
    """File name below docs to text."""
    return {
        "settings.md": _settings(),
        "metrics.md": _metrics(),
        **{f"schemas/{name}": text for name, text in schemas().items()},
    }


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "From the environment, checked at start with all faults named at once. Made from the code",
        "by `make reference`.",
    ]
    for stage, settings in STAGES.items():
        shared = {} if settings is Settings else Settings.model_fields
        rows = [
            f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {field.description} |"
            for name, field in settings.model_fields.items()
            if name not in shared
        ]
        lines += [
            "",
            f"## {stage}",
            "",
            "| name | default | meaning |",
            "| --- | --- | --- |",
            *rows,
        ]
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "of the machine"
    if isinstance(value, Path) and value.is_absolute():
        value = value.relative_to(ROOT)
    return f"`{value}`" if str(value) else "none"


def _metrics() -> str:
    lines = [
        "# Metrics",
        "",
        "What each stage tells Prometheus. Made from the code by `make reference`.",
    ]
    registries = {
        "producers, port 8003": ProducerMetrics().registry,
        "stream_app, port 8001": ScorerMetrics().registry,
        "monitoring, port 8002": MonitoringMetrics().registry,
        "training serve, port 8004": LoopMetrics().registry,
    }
    for stage, registry in registries.items():
        lines += ["", f"## {stage}", "", "| name | type | labels | meaning |"]
        lines += ["| --- | --- | --- | --- |"]
        lines += sorted(_rows(registry))
    return "\n".join(lines) + "\n"


def _rows(registry: CollectorRegistry) -> Iterable[str]:
    for collector in list(registry._collector_to_names):
        labels = ", ".join(f"`{name}`" for name in getattr(collector, "_labelnames", ()))
        for metric in collector.collect():
            suffix = {"counter": "_total", "info": "_info"}.get(metric.type, "")
            name = f"`{metric.name}{suffix}`"
            yield f"| {name} | {metric.type} | {labels} | {metric.documentation} |"


def main() -> None:
    """Writes the pages to the folder."""
    for name, text in pages().items():
        path = Path(sys.argv[1], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
