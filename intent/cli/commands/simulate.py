"""`intent simulate`."""

from typing import Any

import click

from intent.cli.flags import SettingsCommand, arguments, found


@click.command(
    cls=SettingsCommand,
    flags="producers.__main__:FLAGS",
    settings="producers.settings:ProducerSettings",
    example="intent simulate --rate 500 --records 1000\nintent simulate --replay",
    then="Its figures are on port 8003, /metrics. Read what the scorer makes of the customers with "
    "`intent consume predictions --follow`.",
)
@click.option("--features-only", is_flag=True, help="Features alone: no id, no key, no outcomes.")
@click.option(
    "--replay", is_flag=True, help="Publish the rows of the data set, with what they bought."
)
def simulate(minimal: bool, replay: bool, **given: Any) -> None:
    """Publish simulated customers, and later what they bought.

    They come at a steady rate, or in bursts; they drift if told so; a few do not fit the contract
    on purpose. Without --records they come until Ctrl-C.
    """
    command = "replay" if replay else "simulate"
    flags = ["--features-only"] if minimal else []
    found("producers.__main__:main")([command, *flags, *arguments(given)])
