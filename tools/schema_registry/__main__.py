"""`python -m tools.schema_registry`: keeps the promises of the contract's schemas."""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence
from pathlib import Path

from contract.errors import SchemaRejected
from contract.process import run_main
from contract.schema import Schema
from contract.schema_registry_settings import SchemaRegistrySettings
from contract.settings import load, schema_of
from tools.schema_registry import promises


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command."""
    given = _parser().parse_args(arguments)
    settings = load(SchemaRegistrySettings)
    folder, schema = promises.released_folder(settings), schema_of(settings)
    match given.command:
        case "check":
            check(folder, schema)
            print("every schema keeps what the last release promised")
        case "release":
            promises.release(folder, schema)
            print(f"{folder.name} holds the schemas of the code")
        case "register":
            from tools.schema_registry.registry import Registry  # noqa: PLC0415  it needs an extra

            with Registry(settings) as registry:
                ids = registry.register(promises.current(schema), promises.levels())
            print("\n".join(f"{topic}-value: id {number}" for topic, number in ids.items()))


def check(folder: Path, schema: Schema) -> None:
    """Raises `SchemaRefused` if the code's schemas break what the last release promised."""
    faults = promises.broken(promises.released(folder), promises.current(schema))
    if faults:
        raise SchemaRejected(
            f"a topic's value breaks those who use it: {'; '.join(faults)}. Take it back, or let "
            "the new value have a new topic"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.schema_registry", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="compare the code's schemas with those of the last release")
    commands.add_parser("release", help="make the code's schemas the promise from now on")
    commands.add_parser("register", help="register them, each with its compatibility level")
    return parser


if __name__ == "__main__":
    run_main(main)
