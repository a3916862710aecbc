"""`intent` and all its commands."""

import click

from compose.cli.command import Group
from compose.cli.commands.completion import completion
from compose.cli.commands.consume import consume
from compose.cli.commands.dead_letters import dead_letters
from compose.cli.commands.doctor import doctor
from compose.cli.commands.monitor import monitor
from compose.cli.commands.produce import produce
from compose.cli.commands.promote import promote
from compose.cli.commands.rollback import rollback
from compose.cli.commands.score import score
from compose.cli.commands.settings import settings
from compose.cli.commands.simulate import simulate
from compose.cli.commands.trace import trace
from compose.cli.commands.train import train
from compose.cli.commands.up import up


@click.group(
    cls=Group,
    epilog="Begin with `intent up`. Exit codes and all of this help: docs/commands.md.",
)
@click.version_option(None, "-V", "--version", package_name="intent-stream")
def intent() -> None:
    """Predicts on a Kafka stream whether a customer intends to buy, and keeps that trustworthy.

    Each command's --help has an example and says what comes next. Settings come from INTENT_*
    variables or from intent.toml: see `intent settings`.
    """


COMMANDS: tuple[click.Command, ...] = (
    up, simulate, produce, consume, dead_letters, trace,
    score, monitor, train, promote, rollback, doctor, settings, completion,
)  # fmt: skip

for command in COMMANDS:
    intent.add_command(command)
