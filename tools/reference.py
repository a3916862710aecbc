"""`python -m tools.reference FOLDER`: generates the reference pages from the code."""

import sys
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic_core import PydanticUndefined

from contract import settings_file, settings_sources
from contract.process import run_main
from contract.schema import CARS
from contract.schemas import schemas
from contract.settings import Settings, env_variable
from intent.stage_settings import STAGES, all_setting_names
from tools import alerts_page, commands_page, public_names_page

ROOT = Path(__file__).parents[1]


def pages() -> dict[str, str]:
    """Texts of the pages by path below docs."""
    return {
        "commands.md": commands_page.page(),
        "public-names.md": public_names_page.page(),
        "settings.md": _settings(),
        "metrics.md": _metrics(),
        **{f"schemas/{name}": text for name, text in schemas(CARS).items()},
    }


def _settings() -> str:
    alone = settings_sources.ENVIRONMENT_ONLY.items()
    lines = [
        "# Settings",
        "",
        "Made from the code by `make reference`. Sources in order of precedence:",
        "",
        "1. the option of the same name, if the command has one;",
        "2. the environment variable;",
        f"3. the TOML file `{settings_file.DEFAULT}` in the working directory, or the path in",
        f"   `{settings_file.VARIABLE}`, with",
        '   names in lower case without `INTENT_`: `kafka_bootstrap = "kafka:9092"`;',
        "4. the default.",
        "",
        "All settings are validated at start, and all faults are reported at once. An unknown name",
        "in the file is an error. An unknown variable is a warning: it may be another program's.",
        "A secret can also be read from a file: `INTENT_X_FILE` is the path of the file with the",
        "value of `INTENT_X`.",
        "`intent settings` prints the effective values and their origin.",
        "",
        "## environment only",
        "",
        *_table(f"| `{env_variable(name)}` | none | {meaning} |" for name, meaning in alone),
    ]
    for stage, settings in STAGES.items():
        shared = {} if settings is Settings else Settings.model_fields
        rows = [
            f"| `{env_variable(name)}` | {_default(field.default)} | {field.description} |"
            for name, field in settings.model_fields.items()
            if name not in shared
        ]
        lines += ["", f"## {stage}", "", *_table(rows)]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[str]) -> list[str]:
    return ["| name | default | meaning |", "| --- | --- | --- |", *rows]


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "depends on the machine"
    if isinstance(value, Path) and value.is_absolute():
        value = value.relative_to(ROOT)
    return f"`{value}`" if str(value) else "none"


def _metrics() -> str:
    lines = [
        "# Metrics",
        "",
        "Metrics of each stage in Prometheus. Made from the code by `make reference`.",
    ]
    for stage, registry in public_names_page.registries().items():
        lines += ["", f"## {stage}", "", "| name | type | labels | meaning |"]
        lines += ["| --- | --- | --- | --- |"]
        lines += sorted(_rows(registry))
    return "\n".join(lines) + "\n"


def _rows(registry: CollectorRegistry) -> Iterable[str]:
    for name, kind, labels, meaning in public_names_page.metric_rows(registry):
        listed = ", ".join(f"`{label}`" for label in labels)
        yield f"| `{name}` | {kind} | {listed} | {meaning} |"


def names() -> str:
    """The text of `contract.settings_sources.NAMES_FILE`."""
    return "".join(f"{name}\n" for name in all_setting_names())


def main() -> None:
    """Writes the pages to the folder, and the generated files of contract and monitoring."""
    settings_sources.NAMES_FILE.write_text(names(), encoding="ascii")
    alerts_page.PAGE.write_text(alerts_page.page(), encoding="utf-8")
    for name, text in pages().items():
        path = Path(sys.argv[1], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
