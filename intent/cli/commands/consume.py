"""`intent consume`."""

import time
from itertools import islice

import click

from intent.cli.command import Command
from intent.cli.topic_name import TopicName


@click.command(
    cls=Command,
    example="intent consume predictions --last 10\n"
    "intent consume alerts --follow\n"
    "intent consume dead-letters --from 1h --json | jq .value.reason",
    then="What a prediction came from: `intent trace ID`. Why a record became a dead letter, and "
    "how to send it again: `intent dead-letters --help`.",
)
@click.argument("topic", type=TopicName())
@click.option(
    "--from",
    "start",
    metavar="WHERE",
    help="beginning, end, an offset, a time (2026-01-31T12:00) or how long ago (30s, 10m, 2h, "
    "1d). [default: beginning, with --follow end]",
)
@click.option("--last", type=click.IntRange(1, 100_000), metavar="N", help="The newest N.")
@click.option("--max", "most", type=click.IntRange(1), metavar="N", help="Stop after N.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what is new, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each.")
def consume(
    topic: str,
    start: str | None,
    last: int | None,
    most: int | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Print the records of a topic.

    TOPIC is predictions, outcomes, alerts, dead-letters, customers, or any other of the topic map.
    Only what was committed is read, and no consumer group's offsets change.
    """
    from contract.process import stop_on_signal
    from contract.settings import Settings, load
    from intent.cli.reading import words
    from intent.cli.reading.reader import Reader, selected
    from intent.cli.reading.start import start_of

    if start and last:
        raise click.UsageError("--from and --last exclude each other")
    if start == "end" and not follow:
        raise click.UsageError("--from end prints what comes: give --follow as well")
    try:
        begin = start_of(start or ("end" if follow else "beginning"), time.time())
    except ValueError as fault:
        raise click.UsageError(f"--from {fault}") from None
    settings = load(Settings)
    stop = stop_on_signal()
    show = words.as_json if as_json else words.in_words
    with Reader(settings, TopicName.found(settings, topic)) as reader:
        for message in islice(selected(reader, begin, last, follow, stop), most):
            click.echo(show(message))
