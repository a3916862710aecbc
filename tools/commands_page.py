"""docs/commands.md, out of the command line itself and the errors' exit codes. Pure."""

import inspect
from collections.abc import Iterator

import click

from contract import errors
from contract.errors import PipelineError
from intent.cli.command import Command
from intent.cli.tree import intent

WIDTH = 80
"""Columns, whatever the terminal has."""

ALWAYS = ("--debug", "--help", "--port-offset")
"""Options that every command has: told of once."""


def page() -> str:
    """The page."""
    lines = [
        "# Commands",
        "",
        "Made from the code by `make reference`. After `make setup` the command is",
        "`.venv/bin/intent`, the same as `python -m intent.cli`. `intent COMMAND --help` says all",
        "of this too; `--debug` shows the traceback of a fault. With `--port-offset N` a command",
        "meets the stack that `intent up --port-offset N` runs beside another: its ports are N",
        "higher, its folder is `.intent-N`. On a terminal what takes long",
        "shows how far it is; elsewhere output is plain. What a command finds goes to standard",
        "output, all else to standard error.",
    ]
    root = click.Context(intent, info_name="intent", terminal_width=WIDTH, max_content_width=WIDTH)
    for context, command in commands(root, intent):
        lines += ["", *_command(context, command)]
    return "\n".join([*lines, "", *_exit_codes()]) + "\n"


def commands(context: click.Context, group: click.Group) -> Iterator[tuple[click.Context, Command]]:
    """Each command that does something, with the context that knows its whole name."""
    for name, command in group.commands.items():
        own = click.Context(command, parent=context, info_name=name)  # as wide as its parent
        if isinstance(command, click.Group):
            yield from commands(own, command)
        elif isinstance(command, Command):
            yield own, command


def _command(context: click.Context, command: Command) -> Iterator[str]:
    yield f"## {context.command_path}"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    yield from (
        "```",
        " ".join([context.command_path, *command.collect_usage_pieces(context)]),
        "```",
    )
    records = [
        record
        for parameter in command.get_params(context)
        if parameter.opts[-1] not in ALWAYS
        and (record := parameter.get_help_record(context)) is not None
    ]
    if records:
        yield from ("", "| option | meaning |", "| --- | --- |")
        for option, meaning in records:
            yield f"| `{_cell(option)}` | {_cell(meaning)} |"
    yield from ("", "```sh", command.example, "```", "", command.then)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def exit_codes() -> list[tuple[int, str, str]]:
    """Exit code, class name and meaning of each error that ends a process, by code."""
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    ending = [each for each in classes if issubclass(each, PipelineError) and each != PipelineError]
    return [
        (error.exit_code, error.__name__, inspect.getdoc(error) or "")
        for error in sorted(ending, key=lambda error: error.exit_code)
    ]


def _exit_codes() -> list[str]:
    return [
        "## Exit codes",
        "",
        "Of `intent`, and of every stage's process. With an error comes one line that says what to",
        "do.",
        "",
        "| code | error | meaning |",
        "| --- | --- | --- |",
        "| 0 | | done, or ended on request |",
        "| 1 | | a bug, told of with the file that holds its traceback; "
        "or what `intent doctor` found |",
        *(f"| {code} | `{name}` | {meaning} |" for code, name, meaning in exit_codes()),
        "| 130, 143 | | interrupted: Ctrl-C, or SIGTERM where it is no orderly end |",
        "",
        "A command line that cannot be read ends with 2, as a setting does that cannot be used.",
    ]
