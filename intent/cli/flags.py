"""Options that are a stage's settings: name, meaning and default come from there."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from intent.cli.command import Command


class SettingsCommand(Command):
    """A command whose further options are the settings in a tuple of names.

    `flags` and `settings` are `module:name`, looked up when the options are asked for: the modules
    that hold them take a second to import. The values go on as `arguments`, for the stage to check.
    """

    def __init__(self, *args: Any, flags: str, settings: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._flags, self._settings = flags, settings
        self._made: list[click.Parameter] = []

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, the settings, and what every command has."""
        if not self._made:
            fields = found(self._settings).model_fields
            self._made = [_option(name, fields[name]) for name in found(self._flags)]
        return [*self._made, *super().get_params(ctx)]


def arguments(given: dict[str, Any]) -> list[str]:
    """Options as they are written on a command line."""
    return [
        text
        for name, value in given.items()
        if value is not None
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]


def stage(entry: str) -> Callable[..., None]:
    """A stage's own entry point, `module:function`."""
    entry_point: Callable[..., None] = found(entry)
    return entry_point


def found(place: str) -> Any:
    """What stands there, `module:name`."""
    module, name = place.split(":")
    return getattr(import_module(module), name)


def _option(name: str, field: Any) -> click.Option:
    default = field.default
    if isinstance(default, Path) and default.is_absolute():
        default = default.name
    return click.Option(
        [f"--{name.replace('_', '-')}"],
        metavar="VALUE",
        help=f"{field.description} [default: {default}]",
    )
