"""`intent rollback`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent rollback\nintent rollback 2 --reason 'too many rejected loans'",
    next_steps="Running workers reload the previous champion: `intent consume predictions "
    "--last 3` shows the serving version.",
)
@click.argument("version", required=False)
@click.option("--reason", help="Reason, for the lifecycle log.")
def rollback(version: str | None, reason: str | None) -> None:
    """Roll back to the previous champion.

    With VERSION, only if that version is the current champion.
    """
    from training import commands

    with spinner("rolling back"):
        settings = commands.configure_process()
        result = commands.roll_back(settings, reason or "rolled back by hand", version)
    click.echo(result)
