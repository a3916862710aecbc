"""`intent dead-letters list|show|redrive`."""

from collections.abc import Callable
from typing import Any

import click

from contract.errors import DeadLetterReason
from intent.cli.command import Command, Group
from intent.cli.flags import found
from intent.cli.progress import working


@click.group("dead-letters", cls=Group)
def dead_letters() -> None:
    """See what does not fit the contract, and send it again."""


def _place(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    del ctx, param
    for value in values:
        partition, _, offset = value.partition(":")
        if not (partition.isdecimal() and offset.isdecimal()):
            raise click.BadParameter(f"{value!r} is not PARTITION:OFFSET, such as 0:17")
    return values


def _which(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--reason",
            multiple=True,
            type=click.Choice([reason.value for reason in DeadLetterReason]),
            metavar="REASON",
            help=f"Those of this reason: {', '.join(DeadLetterReason)}. Repeatable.",
        ),
        click.option(
            "--at",
            multiple=True,
            metavar="PARTITION:OFFSET",
            callback=_place,
            help="The one whose record stands there in its topic. Repeatable.",
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON; of show, a line for each."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _run(command: str, given: dict[str, Any]) -> None:
    arguments = [command]
    for name in ("reason", "at"):
        for value in given[name]:
            arguments += [f"--{name}", value]
    arguments += [f"--{name}" for name in ("all",) if given.get(name)]
    arguments += ["--json"] if given["as_json"] else []
    found("stream_app.dead_letters.__main__:main")(arguments)


@dead_letters.command(
    "list",
    cls=Command,
    example="intent dead-letters list",
    then="Look at those of a reason: `intent dead-letters show --reason missing_field`.",
)
@_which
def list_(**given: Any) -> None:
    """Count them by reason, and how many were redriven."""
    _run("list", given)


@dead_letters.command(
    cls=Command,
    example="intent dead-letters show --reason missing_field\nintent dead-letters show --at 0:17",
    then="Mend what made them so. If the contract or the scorer was at fault, send them again: "
    "`intent dead-letters redrive`; if the sender was, have it send them anew.",
)
@_which
def show(**given: Any) -> None:
    """Print each of them: why, where it stood, key, headers, value."""
    _run("show", given)


@dead_letters.command(
    cls=Command,
    example="intent dead-letters redrive --reason unknown_category\n"
    "intent dead-letters redrive --all",
    then="The scorer reads them once more: `intent dead-letters list` tells which came back. None "
    "is redriven twice, however often you ask.",
)
@_which
@click.option("--all", "all", is_flag=True, help="All of them.")
def redrive(**given: Any) -> None:
    """Write their records again to the topics that they came from, each once."""
    if not (given["all"] or given["reason"] or given["at"]):
        raise click.UsageError("say which to redrive: --reason, --at or --all")
    with working("redriving"):
        _run("redrive", given)
