"""`intent trace`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent trace sim-19a-17\nintent trace 2:15\n"
    "intent consume predictions --last 1 --json | jq -c .value | intent trace -",
    next_steps="Open the run in MLflow, read the record with `intent consume customers --from "
    "OFFSET --max 1`, or change the champion: `intent promote`, `intent rollback`.",
)
@click.argument("prediction")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def trace(prediction: str, as_json: bool) -> None:
    """Trace a prediction to its record, model and data.

    Also prints the run, the code, and why the version was promoted.

    PREDICTION is its id, PARTITION:OFFSET on its topic, its JSON, or - for JSON on standard input.
    """
    from training import commands

    with spinner("tracing"):
        lines = commands.trace(commands.configure_process(), prediction, as_json)
    click.echo(lines)
