"""`intent produce`."""

import sys
from pathlib import Path

import click

from intent.cli.command import Command


@click.command(
    cls=Command,
    example="intent produce customers.csv\n"
    "tail -f customers.jsonl | intent produce -\n"
    "intent produce --to outcomes outcomes.jsonl",
    then="The scorer answers on `predictions`: `intent consume predictions --last 10`. What does "
    "not fit and was sent with --lenient is in `intent dead-letters show`.",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--to",
    type=click.Choice(["customers", "outcomes"]),
    default="customers",
    show_default=True,
    help="What the records tell of.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    help="Of FILE; else by its name, or its first character.",
)
@click.option("--lenient", is_flag=True, help="Send also what does not fit the contract.")
@click.option("--json", "as_json", is_flag=True, help="Tell the counts as JSON.")
def produce(file: Path, to: str, form: str | None, lenient: bool, as_json: bool) -> None:
    """Publish the records of a file or a pipe.

    FILE is CSV with a header, or JSON Lines; - is standard input.

    Every record is checked against the contract. A file is checked whole before anything is sent;
    of standard input, each record is before it is sent. What does not fit is told with its line.
    """
    from contract.settings import load, schema_of
    from intent.cli.progress import counting
    from producers.records.input import RecordInput
    from producers.records.parsing import RecordKind
    from producers.records.publishing import check_records, invalid_records_error, publish_records
    from producers.settings import ProducerSettings

    settings = load(ProducerSettings)
    path = None if str(file) == "-" else file
    source = RecordInput(
        path,
        sys.stdin.buffer,
        RecordKind(to),
        schema_of(settings),
        form,  # type: ignore[arg-type]  # Click checked it
    )
    total = None
    if path:
        with counting(f"checking {path}", None) as advance:
            checked = check_records(source, advance)
        if checked.invalid and not lenient:
            raise invalid_records_error(source, checked)
        total = checked.records
    with counting(f"sending {source.name}", total) as advance:
        sent = publish_records(settings, source, lenient, advance)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(sent))
    else:
        unfit = f", {sent.unfit:,} of which do not fit the contract" if sent.unfit else ""
        click.echo(f"sent {sent.sent:,} records to {sent.topic}{unfit}")
