"""`python -m training` trains once; `python -m training serve` retrains when triggered.

The entry point of the containers. `intent train` does the same and more.
"""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence

from contract import process
from training import commands


def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the command line and runs the command."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("once", "serve"), default="once")
    parser.add_argument(
        "--if-missing", action="store_true", help="train only if there is no champion"
    )
    options = parser.parse_args(arguments)
    settings = commands.configure_process()
    if options.command == "serve":
        commands.serve(settings)
    else:
        commands.train(settings, if_missing=options.if_missing)


if __name__ == "__main__":
    process.run_main(main)
