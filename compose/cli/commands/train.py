"""`intent train`."""

import click

from compose.cli.command import Command
from compose.cli.flags import found
from compose.cli.progress import working


@click.command(
    cls=Command,
    example="intent train\nINTENT_DATASET=customers.csv intent train\nintent train --serve",
    then="`intent consume predictions --last 3` shows which version scores. Runs, figures and "
    "models are in MLflow.",
)
@click.option("--if-missing", is_flag=True, help="Only where there is no champion yet.")
@click.option("--serve", is_flag=True, help="Stay, and train on schedule.")
def train(if_missing: bool, serve: bool) -> None:
    """Train a model, once or on schedule.

    It becomes champion if it is no worse than the present one.
    """
    if serve and if_missing:
        raise click.UsageError("--serve and --if-missing exclude each other")
    main = found("training.__main__:main")
    if serve:
        main(["serve"])
        return
    with working("training"):
        main(["--if-missing"] if if_missing else [])
