"""`intent up`."""

from typing import Any

import click

from intent.cli.flags import SettingsCommand, arguments, found


@click.command(
    cls=SettingsCommand,
    flags="intent.local.__main__:FLAGS",
    settings="intent.local.settings:LocalSettings",
    example="intent up\nintent up --records 20000   # ends by itself; 0 if none was lost",
    then="Watch the windows here or on http://127.0.0.1:8002/; send records of your own with "
    "`intent produce`, read the answers with `intent consume predictions`. Ctrl-C stops it all, "
    "and the next start goes on from there.",
)
def up(**given: Any) -> None:
    """Run everything on this machine.

    A real Apache Kafka (fetched once, 43 MB), a first model, the scorer, the monitoring, and
    simulated customers who after a minute grow older and richer. It is what `make demo` runs.
    """
    found("intent.stage_settings:check")()
    found("intent.local.__main__:main")(arguments(given))
