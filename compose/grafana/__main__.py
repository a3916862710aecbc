"""`python -m compose.grafana`: writes the dashboards as the JSON that Grafana reads."""

import json
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from compose.grafana import loop, model, streaming
from contract.process import run

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
    """Writes them."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
