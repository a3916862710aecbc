"""The command `intent` with all its subcommands."""

import click

from intent.cli.command import Group
from intent.cli.commands.completion import completion
from intent.cli.commands.consume import consume
from intent.cli.commands.dead_letters import dead_letters
from intent.cli.commands.doctor import doctor
from intent.cli.commands.explain import explain
from intent.cli.commands.monitor import monitor
from intent.cli.commands.produce import produce
from intent.cli.commands.promote import promote
from intent.cli.commands.register import register
from intent.cli.commands.reproduce import reproduce
from intent.cli.commands.rollback import rollback
from intent.cli.commands.schema import schema
from intent.cli.commands.score import score
from intent.cli.commands.settings import settings
from intent.cli.commands.simulate import simulate
from intent.cli.commands.trace import trace
from intent.cli.commands.train import train
from intent.cli.commands.up import up


@click.group(
    cls=Group,
    epilog="Start with `intent up`. Exit codes and all options: docs/commands.md.",
)
@click.version_option(None, "-V", "--version", package_name="intent-stream")
def intent() -> None:
    """Predicts purchase intent on a Kafka stream, monitors drift and retrains the model.

    The --help of each command has an example and next steps. Settings come from INTENT_* variables
    or from intent.toml: see `intent settings`.
    """


COMMANDS: tuple[click.Command, ...] = (
    up, schema, simulate, produce, consume, dead_letters, trace, explain,
    reproduce, score, monitor, train, register, promote, rollback, doctor, settings, completion,
)  # fmt: skip

for command in COMMANDS:
    intent.add_command(command)
