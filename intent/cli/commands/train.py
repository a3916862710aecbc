"""`intent train`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent train\nintent train --serve\nintent train --request --reason 'new price list'",
    next_steps="A version that passes the gate becomes champion, and running workers reload it: "
    "`intent consume predictions --last 3` shows the serving version, `intent consume "
    "model-lifecycle` the decisions. Change the champion with `intent promote` or `intent "
    "rollback`.",
)
@click.option("--if-missing", is_flag=True, help="Train only if there is no champion.")
@click.option("--serve", is_flag=True, help="Keep running; retrain on schedule, alert or request.")
@click.option("--request", "request", is_flag=True, help="Request a retraining from --serve.")
@click.option("--urgent", is_flag=True, help="With --request: do not wait for the cooldown.")
@click.option("--reason", help="With --request: reason, for the lifecycle log.")
def train(if_missing: bool, serve: bool, request: bool, urgent: bool, reason: str | None) -> None:
    """Train a model once, or serve retrainings.

    A gate compares each version with the champion, on held-out rows and on the newest labelled
    records of the stream, and decides whether it is promoted.
    """
    if if_missing + serve + request > 1:
        raise click.UsageError("--if-missing, --serve and --request exclude each other")
    if (urgent or reason) and not request:
        raise click.UsageError("--urgent and --reason need --request")
    if request:
        from intent import Client

        with Client() as client:
            click.echo(client.request_retraining(reason or "requested by hand", urgent))
        return
    from training import commands

    settings = commands.configure_process()
    if serve:
        commands.serve(settings)
    else:
        with spinner("training"):
            commands.train(settings, if_missing)
