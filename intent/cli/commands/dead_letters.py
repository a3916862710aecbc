"""`intent dead-letters list|show|redrive`."""

from collections.abc import Callable

import click

from contract.errors import DeadLetterReason
from intent.cli.command import Command, Group
from intent.progress import spinner

Position = tuple[int, int]


@click.group("dead-letters", cls=Group)
def dead_letters() -> None:
    """List, show and redrive records that do not match the schema."""


def _parse_positions(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[Position, ...]:
    del ctx, param
    positions = []
    for value in values:
        partition, _, offset = value.partition(":")
        if not (partition.isdecimal() and offset.isdecimal()):
            raise click.BadParameter(f"{value!r} is not PARTITION:OFFSET, such as 0:17")
        positions.append((int(partition), int(offset)))
    return tuple(positions)


def _filter_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--reason",
            "reasons",
            multiple=True,
            type=click.Choice([reason.value for reason in DeadLetterReason]),
            metavar="REASON",
            help=f"Only dead letters with this reason: {', '.join(DeadLetterReason)}. Repeatable.",
        ),
        click.option(
            "--at",
            "positions",
            multiple=True,
            metavar="PARTITION:OFFSET",
            callback=_parse_positions,
            help="Only the dead letter of the record at this position of its topic. Repeatable.",
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON; `show` prints one per line."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@dead_letters.command(
    "list",
    cls=Command,
    example="intent dead-letters list",
    next_steps="Show those with a reason: `intent dead-letters show --reason missing_field`.",
)
@_filter_options
def list_(reasons: tuple[str, ...], positions: tuple[Position, ...], as_json: bool) -> None:
    """Count dead letters by reason, with how many were redriven."""
    from stream_app.dead_letters import commands

    click.echo(commands.list_reasons(reasons, positions, as_json))


@dead_letters.command(
    cls=Command,
    example="intent dead-letters show --reason missing_field\nintent dead-letters show --at 0:17",
    next_steps="Fix the cause. If the schema or the scorer was wrong, redrive the records: "
    "`intent dead-letters redrive`. If the sender was wrong, have it send corrected records.",
)
@_filter_options
def show(reasons: tuple[str, ...], positions: tuple[Position, ...], as_json: bool) -> None:
    """Print dead letters: reason, position, key, headers, value."""
    from stream_app.dead_letters import commands

    for text in commands.show(reasons, positions, as_json):
        click.echo(text)


@dead_letters.command(
    cls=Command,
    example="intent dead-letters redrive --reason unknown_category\n"
    "intent dead-letters redrive --all",
    next_steps="The scorer reads the records again; `intent dead-letters list` shows which became "
    "dead letters again. A dead letter is redriven at most once, however often you run this.",
)
@_filter_options
@click.option("--all", "redrive_all", is_flag=True, help="Redrive all dead letters.")
def redrive(
    reasons: tuple[str, ...], positions: tuple[Position, ...], as_json: bool, redrive_all: bool
) -> None:
    """Produce the records of dead letters to their topics again, each once."""
    if not (redrive_all or reasons or positions):
        raise click.UsageError("choose what to redrive: --reason, --at or --all")
    from stream_app.dead_letters import commands

    with spinner("redriving"):
        result = commands.redrive_selected(reasons, positions, as_json)
    click.echo(result)
