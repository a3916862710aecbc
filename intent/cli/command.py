"""Base classes of all commands: help with examples, errors on one line, --debug.

Imports only Click, so that help and completion are fast. Commands import what they need when they
run.
"""

import difflib
import os
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

import click

USAGE_ERROR: Final = 2
"""Exit code of a command line that cannot be parsed; the same as that of `BadSetting`."""

OUTPUT_FAILED: Final = 8
"""Exit code if help cannot be written; the same as that of `StorageFailed`."""


class _ShortHelp(click.Command):
    """Adds -h. Overridden here because Click caches the help option of the first context."""

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Short and long."""
        del ctx
        return ["-h", "--help"]


class Command(_ShortHelp):
    """A command whose help has an example and next steps, and that exits by `contract.process`.

    Args:
        example: Command lines.
        next_steps: What to do after the command, as a paragraph.
    """

    def __init__(self, *args: Any, example: str, next_steps: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.example = example
        self.next_steps = next_steps
        self.params += [port_offset_option(), debug_option()]

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Runs the command and exits with its code."""
        from contract import process  # noqa: PLC0415
        from contract.logs import configure_logs  # noqa: PLC0415

        def run() -> None:
            try:
                super(Command, self).invoke(ctx)
                sys.stdout.flush()
            except BrokenPipeError:  # the reader of our output, such as `head`, has exited
                _discard_output()

        configure_logs("WARNING")  # commands of the stages set their own level and format
        process.run_main(convert_usage_errors(run))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the example and the next steps."""
        del ctx
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section("Next steps"):
            formatter.write_text(self.next_steps)


class Group(_ShortHelp, click.Group):
    """Commands in the order in which they were added; usage errors on one line."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.params.append(debug_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a first use, not alphabetical."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds a suggestion to the error for an unknown command."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            similar = difflib.get_close_matches(args[0], self.commands, n=1)
            if similar:
                error.message = f"{error.message} Did you mean {similar[0]!r}?"
            raise

    def main(self, *args: Any, **attributes: Any) -> NoReturn:
        """Prints usage errors on one line."""
        try:
            code = super().main(*args, **{**attributes, "standalone_mode": False})
            sys.stdout.flush()
        except click.Abort:
            sys.exit(130)
        except BrokenPipeError:
            _discard_output()
            sys.exit(0)
        except OSError as fault:  # of help: a command converts its own errors
            sys.stderr.write(f"error: cannot write to standard output ({fault.strerror})\n")
            _discard_output()
            sys.exit(OUTPUT_FAILED)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(USAGE_ERROR)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context else self.name
            message = " ".join(error.format_message().split()).rstrip(".")
            click.echo(f"error: {message}; see `{command} --help`", err=True)
            sys.exit(USAGE_ERROR)
        sys.exit(code if isinstance(code, int) else 0)


def convert_usage_errors(main: Callable[[], None]) -> Callable[[], None]:
    """Turns errors that Click raises while a command runs into `BadSetting`."""
    from contract.errors import BadSetting  # noqa: PLC0415

    def run() -> None:
        try:
            main()
        except click.ClickException as error:
            raise BadSetting(error.format_message()) from None

    return run


def _discard_output() -> None:
    """Standard output goes nowhere from now on, also what Python still has in its buffer."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def debug_option() -> click.Option:
    """`--debug`: this process and its child processes print tracebacks."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_debug,
        help="Print the traceback of an error.",
    )


def port_offset_option() -> click.Option:
    """`--port-offset`: the setting of that name, an option of every command."""
    return click.Option(
        ["--port-offset"],
        type=click.IntRange(0, 50_000),
        metavar="N",
        expose_value=False,
        is_eager=True,
        callback=_set_port_offset,
        help="Use the stack whose ports are N higher.",
    )


def _set_port_offset(ctx: click.Context, parameter: click.Parameter, offset: int | None) -> None:
    del ctx, parameter
    if offset is not None:
        os.environ["INTENT_PORT_OFFSET"] = str(offset)


def _set_debug(ctx: click.Context, parameter: click.Parameter, debug: bool) -> None:
    del ctx, parameter
    if debug:
        os.environ["INTENT_DEBUG"] = "1"
