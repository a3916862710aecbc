"""`python -m producers` publishes simulated customers; `python -m producers replay` a data set.

The entry point of the containers. `intent simulate` does the same, with options.
"""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence

from contract import process
from producers.run import publish


def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the command line and publishes."""
    parser = argparse.ArgumentParser(prog="python -m producers", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("simulate", "replay"), default="simulate")
    options = parser.parse_args(arguments)
    publish({}, replay=options.command == "replay")


if __name__ == "__main__":
    process.run_main(main)
