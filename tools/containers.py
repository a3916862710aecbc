"""`python -m tools.containers`: the settings that containers can be told, from the code.

`settings.yaml` passes each stage its own variables and no others; the lower part of `.env`
explains them.
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
"""What follows from how the containers stand to each other, and files, which somebody has to mount:
a compose file's to say.
"""

BEGIN: Final = (
    "# The stages' settings, each as it is without. Made from the code by `make reference`.\n"
)


def pages() -> dict[str, str]:
    """File name in this folder to text."""
    kept = (FOLDER / ".env").read_text(encoding="utf-8").partition(BEGIN)[0]
    return {"settings.yaml": _services(), ".env": kept + BEGIN + _explained()}


def _services() -> str:
    lines = [
        "# Which settings each stage is passed, where they are set. Made from the code by",
        "# `make reference`; compose.yaml extends these.",
        "services:",
    ]
    for service, settings in SERVICES.items():
        lines += [f"  {service}:", "    environment:"]
        lines += [f"      {env_variable(name)}:" for name in _free(settings)]
    return "\n".join(lines) + "\n"


def _explained() -> str:
    lines = []
    told: set[str] = set()
    for service, settings in SERVICES.items():
        mine = [name for name in _free(settings) if name not in told]
        told.update(mine)
        lines += ["", f"# {'every stage' if settings is Settings else service}"]
        for name in mine:
            field = settings.model_fields[name]
            lines += [f"# {field.description}", f"#{env_variable(name)}={field.default}"]
    return "\n".join(lines) + "\n"


def _free(settings: type[Settings]) -> list[str]:
    return [name for name in settings.model_fields if name not in FIXED]


def main() -> None:
    """Writes them."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
