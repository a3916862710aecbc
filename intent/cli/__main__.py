"""`intent`, and `python -m intent.cli`."""

import contract.startup  # noqa: F401

# isort: split
from intent.cli.tree import intent


def main() -> None:
    """Parses the command line and runs the command."""
    intent.main(prog_name="intent")


if __name__ == "__main__":
    main()
