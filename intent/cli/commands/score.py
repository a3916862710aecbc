"""`intent score`."""

import click

from intent.cli.command import Command


@click.command(
    cls=Command,
    example="INTENT_KAFKA_BOOTSTRAP=kafka:9092 intent score",
    next_steps="Start more workers on other ports (INTENT_SCORER_PORT): they share the "
    "partitions. http://127.0.0.1:8001/readyz answers 200 when the worker is ready; "
    "`intent consume predictions --follow` shows its predictions.",
)
def score() -> None:
    """Run a worker of the scorer.

    Runs until SIGTERM or Ctrl-C. Reads `customers`, scores them with the champion, and writes
    predictions and dead letters with exactly-once semantics.
    """
    from stream_app.__main__ import main

    main()
