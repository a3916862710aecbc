"""`intent settings`."""

import click

from intent.cli.command import Command


@click.command(
    cls=Command,
    example="intent settings\nintent settings --changed\nINTENT_CONFIG=prod.toml intent settings",
    next_steps="Change a setting with its variable or in the file intent.toml; docs/settings.md "
    "describes each. The exit code is 0 if all are valid.",
)
@click.option("--changed", is_flag=True, help="Only settings that differ from their default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def settings(changed: bool, as_json: bool) -> None:
    """Print the effective settings and the source of each.

    Secrets are masked. The settings of all stages are validated, and all errors are reported
    together.
    """
    import shlex
    from dataclasses import asdict

    from contract.settings import env_variable
    from intent.stage_settings import DEFAULT, effective_settings

    rows = [row for row in effective_settings() if not changed or row.source != DEFAULT]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode([asdict(row) for row in rows]))
        return
    stage = ""
    for row in rows:
        if row.stage != stage:
            stage = row.stage
            click.echo(f"# {stage}")
        click.echo(f"{env_variable(row.name)}={shlex.quote(row.value)}  # {row.source}")
