"""`intent rollback`."""

import click

from intent.cli.command import Command
from intent.cli.progress import working


@click.command(
    cls=Command,
    example="intent rollback\nintent rollback 2 --reason 'too many refusals'",
    then="The scorers take the former champion over while they run: `intent consume predictions "
    "--last 3` shows which version scores.",
)
@click.argument("version", required=False)
@click.option("--reason", help="For the records.")
def rollback(version: str | None, reason: str | None) -> None:
    """Put the champion before back.

    VERSION is the one that must go: nothing happens if another one is champion by now. Without it
    the present champion goes.
    """
    from training import commands

    with working("rolling back"):
        settings = commands.configure_process()
        result = commands.roll_back(settings, reason or "rolled back by hand", version)
    click.echo(result)
