"""`intent up`."""

from collections.abc import Sequence
from typing import Any

import click

from intent.cli.setting_options import SettingsCommand, given


def _settings() -> tuple[type[Any], Sequence[str]]:
    from intent.local.settings import OPTIONS, LocalSettings

    return LocalSettings, OPTIONS


@click.command(
    cls=SettingsCommand,
    settings=_settings,
    example="intent up\nintent up --records 20000   # exits by itself; code 0 if none was lost",
    next_steps="See the windows here or on http://127.0.0.1:8002/. Send your own records with "
    "`intent produce`, read predictions with `intent consume predictions`. Ctrl-C stops "
    "everything; the next start continues with the same data.",
)
def up(**options: Any) -> None:
    """Run the whole pipeline on this machine.

    Starts a real Apache Kafka (downloaded once, 43 MB), trains a first model, and starts the
    scorer, the monitoring and simulated customers, whose age and salary drift after a minute.
    `make demo` runs this.
    """
    from intent.local.up import run_stack
    from intent.stage_settings import validate_settings

    validate_settings()
    run_stack(given(options))
