"""Options that are settings of a stage: name, description and default come from the setting."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from intent.cli.command import Command

Source = Callable[[], tuple[type[Any], Sequence[str]]]
"""Returns a settings class and the names of its settings that become options."""


class SettingsCommand(Command):
    """A command with further options that are settings of a stage.

    Args:
        settings: Called when the options are needed first: importing a stage takes a second, and
            `intent --help` must not.
    """

    def __init__(self, *args: Any, settings: Source, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._settings = settings
        self._options: list[click.Parameter] = []

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The settings, the command's own options, and those of every command."""
        if not self._options:
            settings, names = self._settings()
            self._options = [_option(name, settings.model_fields[name]) for name in names]
        return [*self._options, *super().get_params(ctx)]


def given(options: dict[str, Any]) -> dict[str, object]:
    """The options that the user gave, as settings by name. The stage validates the values."""
    return {name: value for name, value in options.items() if value is not None}


def _option(name: str, field: Any) -> click.Option:
    default = field.default
    if isinstance(default, Path) and default.is_absolute():
        default = default.name
    return click.Option(
        [f"--{name.replace('_', '-')}"],
        metavar="VALUE",
        help=f"{field.description} [default: {default}]",
    )
