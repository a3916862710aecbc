"""`intent promote`."""

import click

from intent.cli.command import Command
from intent.cli.progress import working


@click.command(
    cls=Command,
    example="intent promote 2 --reason 'the gate did not know of the holiday'",
    then="The scorers take it over while they run, and the one before scores beside it for a "
    "while. If it was a mistake: `intent rollback`.",
)
@click.argument("version")
@click.option("--reason", required=True, help="For the records.")
def promote(version: str, reason: str) -> None:
    """Make a version of the model champion."""
    from training import commands

    with working("promoting"):
        result = commands.promote(commands.configure_process(), version, reason)
    click.echo(result)
