"""`python -m deploy.grafana [FOLDER]`: writes the dashboards as JSON for Grafana."""

import json
import sys
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from contract.errors import BadSetting
from contract.process import run_main
from contract.schema import CARS, Schema
from contract.settings import Settings, load, schema_of
from deploy.grafana.panels import build_dashboard
from deploy.grafana.specification import read_specifications

FOLDER: Final = Path(__file__).parent / "dashboards"


def render_dashboards(schema: Schema) -> dict[str, str]:
    """Returns the JSON of each dashboard by file name."""
    return {
        f"{name}.json": json.dumps(
            build_dashboard(spec).build(), cls=JSONEncoder, indent=1, sort_keys=True
        )
        + "\n"
        for name, spec in read_specifications(schema).items()
    }


def main() -> None:
    """Writes the dashboards to FOLDER, or to the repository's, which are for the cars schema."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    settings = load(Settings)
    schema = schema_of(settings)
    if folder == FOLDER and schema != CARS:
        raise BadSetting(
            "the repository's dashboards are for the cars schema: "
            "name another folder, python -m deploy.grafana FOLDER"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in render_dashboards(schema).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_main(main)
