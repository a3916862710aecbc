"""`intent completion`."""

import click
from click.shell_completion import get_completion_class

from intent.cli.command import Command

PROGRAM = "intent"


@click.command(
    cls=Command,
    example='eval "$(intent completion bash)"     # in ~/.bashrc\n'
    'eval "$(intent completion zsh)"      # in ~/.zshrc\n'
    "intent completion fish > ~/.config/fish/completions/intent.fish",
    next_steps="Open a new shell. Tab after `intent` completes commands, options and topics.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell."""
    completion_class = get_completion_class(shell)
    if completion_class is None:
        raise click.UsageError(f"Click has no completion for {shell}")
    root = ctx.find_root().command
    click.echo(completion_class(root, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source())
