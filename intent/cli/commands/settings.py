"""`intent settings`."""

import click

from intent.cli.command import Command


@click.command(
    cls=Command,
    example="intent settings\nintent settings --changed\nINTENT_CONFIG=prod.toml intent settings",
    then="Change one by its variable, or in the file intent.toml; each is explained in "
    "docs/settings.md. All is well if the exit code is 0.",
)
@click.option("--changed", is_flag=True, help="Only those that are not at their default.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def settings(changed: bool, as_json: bool) -> None:
    """Print the settings in force, and where each comes from.

    Secrets are masked. All are checked, of every stage; all faults are told at once.
    """
    import shlex
    from dataclasses import asdict

    from contract.settings import env_variable
    from intent.stage_settings import DEFAULT, in_force

    rows = [row for row in in_force() if not changed or row.origin != DEFAULT]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode([asdict(row) for row in rows]))
        return
    stage = ""
    for row in rows:
        if row.stage != stage:
            stage = row.stage
            click.echo(f"# {stage}")
        click.echo(f"{env_variable(row.name)}={shlex.quote(row.value)}  # {row.origin}")
