"""`python -m benchmarks.loop TIMELINE FOLDER`: writes the page and the chart of a timeline."""

import sys
from pathlib import Path

import msgspec

from benchmarks.loop import chart, page
from contract.process import run_main
from tools.scenarios.timeline import Timeline


def main() -> None:
    """Reads the timeline that `python -m tools.scenarios` wrote."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    timeline = msgspec.json.decode(file.read_bytes(), type=Timeline)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page.render(timeline), encoding="utf-8")
    chart.draw(timeline, folder / "accuracy.svg")


if __name__ == "__main__":
    run_main(main)
