"""`intent schema infer`."""

from pathlib import Path

import click

from intent.cli.command import Command, Group


@click.group(cls=Group)
def schema() -> None:
    """Describe a table of your own."""


@schema.command(
    cls=Command,
    example="intent schema infer data.csv --target bought\n"
    "intent schema infer data.csv --target bought --output mine/schema.toml",
    next_steps="Read the file, which begins with what could not be decided, and correct it. Then "
    "`INTENT_SCHEMA_FILE=data.toml intent train`.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--target", required=True, metavar="HEADER", help="Column that is to be predicted.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="The schema file, - for standard output; by default beside the CSV file, as data.toml for "
    "data.csv.",
)
@click.option("--force", is_flag=True, help="Replace the schema file if it exists.")
def infer(file: Path, target: str, output: Path | None, force: bool) -> None:
    """Write the schema file of a CSV file with labelled rows.

    Kinds, ranges, categories, separator, decimal comma, missing values, ids and dates are read off
    all rows. Comments say what was seen, which columns were left out, and what could not be
    decided.
    """
    import os

    from contract.errors import BadSetting
    from data.inference.infer import infer_schema

    output = output or file.with_suffix(".toml")
    printed = str(output) == "-"
    if not printed and output.exists() and not force:
        raise BadSetting(f"{output} exists: name another file with --output, or give --force")
    folder = Path.cwd() if printed else output.parent
    dataset = Path(os.path.relpath(file, folder)).as_posix()
    inferred = infer_schema(file, target, dataset)
    if printed:
        click.echo(inferred.text, nl=False)
        return
    output.write_text(inferred.text, encoding="utf-8")
    click.echo(
        f"wrote {output}: {inferred.rows:,} rows, {inferred.columns} columns, "
        f"{inferred.left_out} left out"
    )
    for doubt in inferred.doubts:
        click.echo(f"check {doubt}")
