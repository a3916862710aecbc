"""`intent trace`."""

import click

from intent.cli.command import Command
from intent.cli.progress import working


@click.command(
    cls=Command,
    example="intent trace sim-19a-17\nintent trace 2:15\n"
    "intent consume predictions --last 1 --json | jq -c .value | intent trace -",
    then="Look at the run in MLflow, at the record with `intent consume customers --from OFFSET "
    "--max 1`, or put another version in its place: `intent promote`, `intent rollback`.",
)
@click.argument("prediction")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def trace(prediction: str, as_json: bool) -> None:
    """Tell what a prediction came from.

    Record, model version, run, data, code, and why that version scored.

    PREDICTION is its id, PARTITION:OFFSET on its topic, its JSON, or - to read that.
    """
    from training import commands

    with working("tracing"):
        lines = commands.trace(commands.configure_process(), prediction, as_json)
    click.echo(lines)
