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
    then="Open a new shell; Tab after `intent` offers commands, options and topics.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script by which a shell completes `intent`."""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"Click knows no completion for {shell}")
    root = ctx.find_root().command
    click.echo(made(root, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE").source())
