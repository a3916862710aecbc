"""`intent consume`."""

import time
from itertools import islice

import click

from intent.cli.arguments import START_POSITIONS, TopicName, parse_start_position
from intent.cli.command import Command


@click.command(
    cls=Command,
    example="intent consume predictions --last 10\n"
    "intent consume alerts --follow\n"
    "intent consume dead-letters --from 1h --json | jq .value.reason",
    next_steps="Trace a prediction to its model: `intent trace ID`. See why a record became a "
    "dead letter, and redrive it: `intent dead-letters --help`.",
)
@click.argument("topic", type=TopicName())
@click.option(
    "--from",
    "start",
    metavar="POSITION",
    help=f"{START_POSITIONS}. [default: beginning, with --follow end]",
)
@click.option("--last", type=click.IntRange(1, 100_000), metavar="N", help="The newest N records.")
@click.option("--max", "max_records", type=click.IntRange(1), metavar="N", help="Stop after N.")
@click.option("--follow", "-f", is_flag=True, help="Go on with new records until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def consume(
    topic: str,
    start: str | None,
    last: int | None,
    max_records: int | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Print the records of a topic.

    TOPIC is predictions, outcomes, alerts, dead-letters, customers, or another one of the
    pipeline. Avro values are shown as JSON. Only committed records are read; offsets of consumer
    groups do not change.
    """
    from contract.process import stop_on_signal
    from contract.settings import Settings, load
    from intent.cli.message_format import format_json, format_text, readable_value
    from intent.cli.topic_reader import TopicReader, read_messages

    if start and last:
        raise click.UsageError("--from and --last exclude each other")
    if start == "end" and not follow:
        raise click.UsageError("--from end needs --follow")
    try:
        position = parse_start_position(start or ("end" if follow else "beginning"), time.time())
    except ValueError as error:
        raise click.UsageError(f"--from {error}") from None
    settings = load(Settings)
    stop = stop_on_signal()
    format_message = format_json if as_json else format_text
    name = TopicName.resolve(settings, topic)
    value_of = readable_value(settings, name)
    with TopicReader(settings, name) as reader:
        for message in islice(read_messages(reader, position, last, follow, stop), max_records):
            click.echo(format_message(message, value_of(message)))
