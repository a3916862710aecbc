"""`intent reproduce`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent reproduce 3",
    next_steps="If the models differ, install the libraries of the version: they are tags of its "
    "run in MLflow.",
)
@click.argument("version")
def reproduce(version: str) -> None:
    """Train a version again and compare the models.

    Fits on the version's logged rows with its own parameters. Ends with exit code 0 only if both
    models give each row the same output, bit by bit.
    """
    from training import commands

    with spinner("training"):
        result = commands.reproduce(commands.configure_process(), version)
    click.echo(result)
