"""`python -m benchmarks.loop TIMELINE FOLDER`: writes the page and the chart of a timeline."""

import sys
from pathlib import Path

import msgspec

from benchmarks.loop import chart, page
from contract.process import run_main
from tools.scenarios.timeline import Told


def main() -> None:
    """Reads what `python -m tools.scenarios` has written."""
    timeline, folder = Path(sys.argv[1]), Path(sys.argv[2])
    told = msgspec.json.decode(timeline.read_bytes(), type=Told)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page.text(told), encoding="utf-8")
    chart.draw(told, folder / "accuracy.svg")


if __name__ == "__main__":
    run_main(main)
