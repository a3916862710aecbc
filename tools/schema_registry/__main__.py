"""`python -m tools.schema_registry`: checks, releases and registers the schemas of the topics."""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence
from pathlib import Path

from contract.errors import SchemaRejected
from contract.process import run_main
from contract.schema import Schema
from contract.settings import Settings, load, schema_of
from tools.schema_registry import released_schemas


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command."""
    options = _parser().parse_args(arguments)
    settings = load(Settings)
    folder, schema = released_schemas.released_folder(settings), schema_of(settings)
    match options.command:
        case "check":
            check(folder, schema)
            print("every schema is compatible with the last release")
        case "release":
            released_schemas.release(folder, schema)
            print(f"{folder.name} has the schemas of the code")
        case "register":
            from tools.schema_registry.registry import Registry  # noqa: PLC0415  it needs an extra

            with Registry(settings) as registry:
                ids = registry.register(
                    released_schemas.current_schemas(schema),
                    released_schemas.compatibility_levels(),
                )
            print("\n".join(f"{topic}-value: id {number}" for topic, number in ids.items()))


def check(folder: Path, schema: Schema) -> None:
    """Raises `SchemaRejected` if a schema is incompatible with that of the last release."""
    faults = released_schemas.incompatibilities(
        released_schemas.released_schemas(folder), released_schemas.current_schemas(schema)
    )
    if faults:
        raise SchemaRejected(
            f"incompatible schema changes: {'; '.join(faults)}. Revert them, or use a new topic"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.schema_registry", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="compare the code's schemas with those of the last release")
    commands.add_parser("release", help="make the code's schemas those of the last release")
    commands.add_parser("register", help="register them with their compatibility levels")
    return parser


if __name__ == "__main__":
    run_main(main)
