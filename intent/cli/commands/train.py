"""`intent train`."""

import click

from intent.cli.command import Command
from intent.cli.progress import working


@click.command(
    cls=Command,
    example="intent train\nintent train --serve\nintent train --request --reason 'new price list'",
    then="If the gate lets it pass it becomes champion, and the scorers take it over while they "
    "run: `intent consume predictions --last 3` shows which version scores, `intent consume "
    "model-lifecycle` why. To put another one in its place: `intent promote`, `intent rollback`.",
)
@click.option("--if-missing", is_flag=True, help="Only where there is no champion yet.")
@click.option("--serve", is_flag=True, help="Stay; train on schedule, on alerts and on request.")
@click.option("--request", "request", is_flag=True, help="Have the one that serves train.")
@click.option("--urgent", is_flag=True, help="With --request: without waiting for the cooldown.")
@click.option("--reason", help="With --request: for the records.")
def train(if_missing: bool, serve: bool, request: bool, urgent: bool, reason: str | None) -> None:
    """Train a model: once, or whenever it is time.

    A gate decides whether it becomes champion, by held-out rows and by the newest labelled records
    of the stream.
    """
    if if_missing + serve + request > 1:
        raise click.UsageError("--if-missing, --serve and --request exclude each other")
    if (urgent or reason) and not request:
        raise click.UsageError("--urgent and --reason go with --request")
    from training import commands

    settings = commands.configure_process()
    if serve:
        commands.serve(settings)
    elif request:
        click.echo(commands.request_retraining(settings, reason or "requested by hand", urgent))
    else:
        with working("training"):
            commands.train(settings, if_missing)
