"""Generates docs/commands.md from the command line and the errors' exit codes. Pure."""

import inspect
from collections.abc import Iterator

import click

from contract import errors
from contract.errors import PipelineError
from intent.cli.command import Command
from intent.cli.tree import intent

WIDTH = 80
"""Columns, independent of the terminal."""

COMMON_OPTIONS = ("--debug", "--help", "--port-offset")
"""Options of every command, described once."""


def page() -> str:
    """The page."""
    lines = [
        "# Commands",
        "",
        "Generated from the code by `make reference`. After `make setup` the command is",
        "`.venv/bin/intent`, the same as `python -m intent.cli`. `intent COMMAND --help` prints",
        "the same text. `--debug` prints the traceback of an error. With `--port-offset N` it",
        "uses the stack of `intent up --port-offset N`: its ports are N higher, its data directory",
        "is `.intent-N`. Long commands show their progress on a terminal. Results are written to",
        "standard output, everything else to standard error.",
    ]
    root = click.Context(intent, info_name="intent", terminal_width=WIDTH, max_content_width=WIDTH)
    for context, command in commands(root, intent):
        lines += ["", *_command(context, command)]
    return "\n".join([*lines, "", *_exit_codes()]) + "\n"


def commands(context: click.Context, group: click.Group) -> Iterator[tuple[click.Context, Command]]:
    """All commands that are not groups, each with the context that has its full name."""
    for name, command in group.commands.items():
        child = click.Context(command, parent=context, info_name=name)  # as wide as its parent
        if isinstance(command, click.Group):
            yield from commands(child, command)
        elif isinstance(command, Command):
            yield child, command


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
        if parameter.opts[-1] not in COMMON_OPTIONS
        and (record := parameter.get_help_record(context)) is not None
    ]
    if records:
        yield from ("", "| option | meaning |", "| --- | --- |")
        for option, meaning in records:
            yield f"| `{_cell(option)}` | {_cell(meaning)} |"
    yield from ("", "```sh", command.example, "```", "", command.next_steps)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def exit_codes() -> list[tuple[int, str, str]]:
    """Exit code, class name and meaning of each error that ends a process, by code."""
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    raised = [cls for cls in classes if issubclass(cls, PipelineError) and cls != PipelineError]
    return [
        (error.exit_code, error.__name__, inspect.getdoc(error) or "")
        for error in sorted(raised, key=lambda error: error.exit_code)
    ]


def _exit_codes() -> list[str]:
    return [
        "## Exit codes",
        "",
        "[Public names](public-names.md#exit-codes) lists them;",
        "[troubleshooting](troubleshooting.md#exit-codes) says what to do about each.",
    ]
