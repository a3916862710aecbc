"""`intent explain`."""

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent explain sim-19a-17\nintent explain 2:15\n"
    "intent consume predictions --last 1 --json | jq -c .value | intent explain -",
    next_steps="See which version it was, and how it was trained: `intent trace`.",
)
@click.argument("prediction")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(prediction: str, as_json: bool) -> None:
    """Explain a prediction by the features of its record.

    Scores the record again with the version that scored it, and prints what each feature
    contributed to the score. With the score on average, the contributions sum to the score.

    PREDICTION is its id, PARTITION:OFFSET on its topic, its JSON, or - for JSON on standard input.
    """
    from training import commands

    with spinner("explaining"):
        lines = commands.explain(commands.configure_process(), prediction, as_json)
    click.echo(lines)
