"""`intent simulate`."""

from collections.abc import Sequence
from typing import Any

import click

from intent.cli.setting_options import SettingsCommand, given


def _settings() -> tuple[type[Any], Sequence[str]]:
    from producers.settings import OPTIONS, ProducerSettings

    return ProducerSettings, OPTIONS


@click.command(
    cls=SettingsCommand,
    settings=_settings,
    example="intent simulate --rate 500 --records 1000\nintent simulate --replay",
    next_steps="Metrics are on port 8003, /metrics. Read the predictions with "
    "`intent consume predictions --follow`.",
)
@click.option(
    "--features-only",
    is_flag=True,
    default=None,
    help="Publish only features: no id, no key, no outcomes.",
)
@click.option(
    "--replay", is_flag=True, help="Publish the rows of the data set, with their outcomes."
)
def simulate(replay: bool, **options: Any) -> None:
    """Publish simulated customers, and later their outcomes.

    The rate is constant or has bursts. Drift can start and end at given times. A small ratio of
    records does not match the schema, on purpose. Without --records it runs until Ctrl-C.
    """
    from producers.run import publish

    publish(given(options), replay=replay)
