"""`python -m deploy.grafana [FOLDER]`: writes the dashboards as the JSON that Grafana reads."""

import json
import sys
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from contract.errors import BadSetting
from contract.process import run
from contract.schema.default import IS_CARS
from deploy.grafana import loop, model, streaming

FOLDER: Final = Path(__file__).parent / "dashboards"

DASHBOARDS: Final = {
    "streaming.json": streaming.dashboard,
    "model.json": model.dashboard,
    "loop.json": loop.dashboard,
}


def pages() -> dict[str, str]:
    """File name to text."""
    return {
        name: json.dumps(build().build(), cls=JSONEncoder, indent=1, sort_keys=True) + "\n"
        for name, build in DASHBOARDS.items()
    }


def main() -> None:
    """Writes them to the folder given, or in place of those that we ship, which are of the cars."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if folder == FOLDER and not IS_CARS:
        raise BadSetting("name a folder for the dashboards of your table: deploy.grafana FOLDER")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
