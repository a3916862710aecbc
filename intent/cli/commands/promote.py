"""`intent promote`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent promote 2 --reason 'the gate ignored the holiday'",
    next_steps="Running workers reload it, and the previous champion scores in its shadow for a "
    "while. Undo it with `intent rollback`.",
)
@click.argument("version")
@click.option("--reason", required=True, help="Reason, for the lifecycle log.")
def promote(version: str, reason: str) -> None:
    """Make a model version the champion."""
    from training import commands

    with spinner("promoting"):
        result = commands.promote(commands.configure_process(), version, reason)
    click.echo(result)
