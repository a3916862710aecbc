"""`intent monitor`."""

import click

from intent.cli.command import Command
from intent.cli.flags import found


@click.command(
    cls=Command,
    example="INTENT_WINDOW_SECONDS=300 intent monitor",
    then="Its page is http://127.0.0.1:8002/, for Prometheus there is /metrics. When drift begins "
    "or ends it says so on `alerts`: `intent consume alerts --follow`.",
)
def monitor() -> None:
    """Watch the stream for drift, until SIGTERM or Ctrl-C.

    Each window of it is compared with what the champion learned from.
    """
    found("monitoring.__main__:main")()
