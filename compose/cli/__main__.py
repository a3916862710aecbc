"""`intent`, and `python -m compose.cli`."""

from compose.cli.tree import intent


def main() -> None:
    """Reads the command line and does what it says."""
    intent.main(prog_name="intent")


if __name__ == "__main__":
    main()
