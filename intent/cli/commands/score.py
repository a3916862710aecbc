"""`intent score`."""

import click

from intent.cli.command import Command
from intent.cli.flags import found


@click.command(
    cls=Command,
    example="INTENT_KAFKA_BOOTSTRAP=kafka:9092 intent score",
    then="Start more of them, on other ports (INTENT_SCORER_PORT): they share the partitions. "
    "http://127.0.0.1:8001/readyz tells when it reads; `intent consume predictions --follow` "
    "shows what it says.",
)
def score() -> None:
    """Run one worker of the scorer, until SIGTERM or Ctrl-C.

    It reads `customers`, scores them with the champion, and writes `predictions` and dead letters,
    each record exactly once.
    """
    found("stream_app.__main__:main")()
