"""`python -m tools.containers`: generates the settings of the compose stack from the code.

`settings.yaml` passes each stage its own variables and no others; the lower part of `.env`
describes them.
"""

from pathlib import Path
from typing import Final

from contract.process import run_main
from contract.settings import Settings, env_variable
from monitoring.settings import MonitoringSettings
from producers.settings import ProducerSettings
from stream_app.settings import ScorerSettings
from training.settings import TrainingSettings

FOLDER: Final = Path(__file__).parents[1] / "compose"

SERVICES: Final[dict[str, type[Settings]]] = {
    "topics": Settings,
    "producers": ProducerSettings,
    "scorer": ScorerSettings,
    "monitoring": MonitoringSettings,
    "training": TrainingSettings,
}

FIXED: Final = frozenset(
    {
        "kafka_bootstrap", "mlflow_uri", "listen_host", "listen_allow_anonymous",
        "data_dir", "worker_id", "scorer_port", "monitoring_port", "simulator_port",
        "training_port", "prefect_port",
        "port_offset", "schema_file", "dataset",
        "kafka_ca_file", "kafka_certificate_file", "kafka_key_file",
    }
)  # fmt: skip
"""Settings that depend on the layout of the containers, or name files that must be mounted: a
compose file sets them.
"""

BEGIN: Final = (
    "# Settings of the stages with their defaults. Generated from the code by `make reference`.\n"
)


def pages() -> dict[str, str]:
    """Texts of the generated files by file name."""
    written_by_hand = (FOLDER / ".env").read_text(encoding="utf-8").partition(BEGIN)[0]
    return {"settings.yaml": _services(), ".env": written_by_hand + BEGIN + _described()}


def _services() -> str:
    lines = [
        "# The variables that are passed to each stage if they are set. Generated from the code by",
        "# `make reference`; compose.yaml extends these services.",
        "services:",
    ]
    for service, settings in SERVICES.items():
        lines += [f"  {service}:", "    environment:"]
        lines += [f"      {env_variable(name)}:" for name in _configurable(settings)]
    return "\n".join(lines) + "\n"


def _described() -> str:
    lines = []
    described: set[str] = set()
    for service, settings in SERVICES.items():
        names = [name for name in _configurable(settings) if name not in described]
        described.update(names)
        lines += ["", f"# {'every stage' if settings is Settings else service}"]
        for name in names:
            field = settings.model_fields[name]
            lines += [f"# {field.description}", f"#{env_variable(name)}={field.default}"]
    return "\n".join(lines) + "\n"


def _configurable(settings: type[Settings]) -> list[str]:
    return [name for name in settings.model_fields if name not in FIXED]


def main() -> None:
    """Writes the files."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
