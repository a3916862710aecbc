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
    next_steps="Read the predictions: `intent consume predictions --last 10`. Records that do not "
    "match the schema and were sent with --lenient are in `intent dead-letters show`.",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--to",
    type=click.Choice(["customers", "outcomes"]),
    default="customers",
    show_default=True,
    help="Topic of the records.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "jsonl"]),
    help="Format of FILE; by default its extension or its first character decides.",
)
@click.option("--lenient", is_flag=True, help="Also send records that do not match the schema.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def produce(file: Path, to: str, file_format: str | None, lenient: bool, as_json: bool) -> None:
    """Publish the records of a file or of standard input.

    FILE is CSV with a header, or JSON Lines; - is standard input.

    Every record is validated. A file is validated completely before any record is sent; records of
    standard input are validated one by one. Errors name the line.
    """
    from contract.settings import load, schema_of
    from intent.progress import progress_bar
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
        file_format,  # type: ignore[arg-type]  # a click.Choice
    )
    total = None
    if path:
        with progress_bar(f"checking {path}", None) as advance:
            checked = check_records(source, advance)
        if checked.invalid and not lenient:
            raise invalid_records_error(source, checked)
        total = checked.records
    with progress_bar(f"sending {source.name}", total) as advance:
        sent = publish_records(settings, source, lenient, advance)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(sent))
    else:
        invalid = f", {sent.unfit:,} of them do not match the schema" if sent.unfit else ""
        click.echo(f"sent {sent.sent:,} records to {sent.topic}{invalid}")
