"""`intent register`."""

from pathlib import Path

import click

from intent.cli.command import Command
from intent.progress import spinner


@click.command(
    cls=Command,
    example="intent register model.lgb --rows holdout.csv --alias challenger\n"
    "intent register runs:/0123abcd/model --rows holdout.csv\n"
    "intent register models:/notebook/3 --rows rows.parquet --alias champion --reason 'new vendor'",
    next_steps="Running scorers load the version by its alias: `intent consume predictions --last "
    "3` shows the serving version, `intent consume model-lifecycle` the decisions. Formats: "
    "docs/how-to/other-models.md.",
)
@click.argument("model")
@click.option(
    "--rows",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV or Parquet file of rows that the model was not fitted on, with the target if known.",
)
@click.option(
    "--alias",
    type=click.Choice(["challenger", "champion"]),
    help="Role of the version. challenger: the gate decides, then it scores in shadow. champion: "
    "it replaces the champion at once.",
)
@click.option("--reason", help="Reason, for the lifecycle log. Required for champion.")
@click.option(
    "--features", metavar="NAME,...", help="Features in the model's order, if its file has none."
)
@click.option(
    "--codes",
    multiple=True,
    metavar="FEATURE=A,B,...",
    help="Categories of the codes 0, 1, ... of a feature, if the file has none. Repeatable.",
)
@click.option(
    "--classes", metavar="A,B,...", help="Classes in the model's order, if its file has none."
)
def register(
    model: str,
    rows: Path,
    alias: str | None,
    reason: str | None,
    features: str | None,
    codes: tuple[str, ...],
    classes: str | None,
) -> None:
    """Register a model that was not trained here.

    MODEL is a file (skops, XGBoost, LightGBM, CatBoost, ONNX), a folder that MLflow saved,
    runs:/RUN/NAME or models:/NAME/VERSION.

    It is checked against the schema as a scorer does, timed, and evaluated by the gate if the rows
    have labels. Nothing is registered if a check fails.
    """
    if alias == "champion" and not reason:
        raise click.UsageError("--alias champion needs --reason")
    if any("=" not in given for given in codes):
        raise click.UsageError("--codes needs FEATURE=A,B,...")
    from contract.process import current_user
    from training import commands
    from training.adoption.request import Adoption, MappingOptions

    pairs = (given.partition("=") for given in codes)
    options = MappingOptions(
        _split(features), {name: _split(values) for name, _, values in pairs}, _split(classes)
    )
    adoption = Adoption(
        model,
        rows,
        current_user(),
        alias,  # type: ignore[arg-type]  # a click.Choice
        reason or "",
        options,
    )
    with spinner("registering"):
        result = commands.register(commands.configure_process(), adoption)
    click.echo(result)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()
