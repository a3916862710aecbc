"""`intent monitor`."""

import click

from intent.cli.command import Command


@click.command(
    cls=Command,
    example="INTENT_WINDOW_SECONDS=300 intent monitor",
    next_steps="Open http://127.0.0.1:8002/; Prometheus scrapes /metrics there. Alerts are "
    "published when drift starts and ends: `intent consume alerts --follow`.",
)
def monitor() -> None:
    """Monitor the stream for drift and performance.

    Runs until SIGTERM or Ctrl-C. Compares each window with the reference set of the model version
    that scored it.
    """
    from monitoring.__main__ import main

    main()
