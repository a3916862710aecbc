"""What all commands do alike: help that teaches, faults in one line, --debug.

Click alone is imported here, so that help and completion are quick. What a command needs, it
imports when it runs.
"""

import difflib
import os
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

USAGE: Final = 2
"""Exit code of a command line that cannot be read: the same as `BadSetting`'s."""


class _ShortHelp(click.Command):
    """Has -h, whatever the context: Click keeps the option of the first one that asks."""

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Short and long."""
        del ctx
        return ["-h", "--help"]


class Command(_ShortHelp):
    """A command that shows an example and says what comes next, and ends by `contract.process`."""

    def __init__(self, *args: Any, example: str, then: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.example = example
        self.then = then
        self.params += [port_offset_option(), debug_option()]

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Runs the command and exits with its code."""
        from contract import process  # noqa: PLC0415
        from contract.logs import configure_logs  # noqa: PLC0415

        def run() -> None:
            try:
                super(Command, self).invoke(ctx)
                sys.stdout.flush()
            except BrokenPipeError:  # who read our output wants no more of it
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

        configure_logs("WARNING")  # a stage's own command sets its level and its format
        process.run_main(in_our_errors(run))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Example and sequel."""
        del ctx
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section("Then"):
            formatter.write_text(self.then)


class Group(_ShortHelp, click.Group):
    """Commands in the order in which they were added; faults of usage in one line."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params.append(debug_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a first acquaintance, not of the alphabet."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click's, which offers nothing where a command is misspelt."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as fault:
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            if near:
                fault.message = f"{fault.message} Did you mean {near[0]!r}?"
            raise

    def main(self, *args: Any, **given: Any) -> NoReturn:
        """As Click's, but what is wrong with the command line is one line."""
        try:
            code = super().main(*args, **{**given, "standalone_mode": False})
        except click.Abort:
            sys.exit(130)
        except click.exceptions.NoArgsIsHelpError as asked:
            click.echo(asked.format_message(), err=True)
            sys.exit(USAGE)
        except click.ClickException as fault:
            where = getattr(fault, "ctx", None)
            command = where.command_path if where else self.name
            said = " ".join(fault.format_message().split()).rstrip(".")
            click.echo(f"error: {said}; see `{command} --help`", err=True)
            sys.exit(USAGE)
        sys.exit(code if isinstance(code, int) else 0)


def in_our_errors(main: Callable[[], None]) -> Callable[[], None]:
    """What Click raises while a command runs becomes what `contract.process` tells in one line."""
    from contract.errors import BadSetting  # noqa: PLC0415

    def run() -> None:
        try:
            main()
        except click.ClickException as fault:
            raise BadSetting(fault.format_message()) from None

    return run


def debug_option() -> click.Option:
    """`--debug`: this process and those that it starts show tracebacks."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_debug,
        help="Show the traceback of a fault, not only its line.",
    )


def port_offset_option() -> click.Option:
    """`--port-offset`: the setting of that name, which every command has."""
    return click.Option(
        ["--port-offset"],
        type=click.IntRange(0, 50_000),
        metavar="N",
        expose_value=False,
        is_eager=True,
        callback=_port_offset,
        help="Meet, or be, the stack whose ports are N higher.",
    )


def _port_offset(ctx: click.Context, parameter: click.Parameter, offset: int | None) -> None:
    del ctx, parameter
    if offset is not None:
        os.environ["INTENT_PORT_OFFSET"] = str(offset)


def _debug(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    del ctx, parameter
    if wanted:
        os.environ["INTENT_DEBUG"] = "1"
