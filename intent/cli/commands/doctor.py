"""`intent doctor`."""

import sys

import click

from intent.cli.command import Command

CHECK_FAILED = 1
"""Exit code if a check failed."""


@click.command(
    cls=Command,
    example="intent doctor\nintent doctor --json | jq '.[] | select(.status == \"error\")'",
    next_steps="Do what follows `fix:` and run it again. The exit code is 0 without errors, and 1 "
    "otherwise.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check installation and services.

    Says how to fix each error. Checks Python and libraries, settings, disks, Java runtime, ports,
    Kafka, Schema Registry, model registry and Prefect. Changes nothing.
    """
    from dataclasses import asdict

    from intent.doctor.result import Status
    from intent.doctor.run import run_checks
    from intent.progress import spinner

    colours = {Status.OK: "green", Status.WARNING: "yellow", Status.ERROR: "red"}
    results = []
    with spinner("checking"):
        for result in run_checks():
            results.append(result)
            if not as_json:
                status = click.style(f"{result.status:<7}", fg=colours[result.status])
                click.echo(f"{status}  {result.check:<24}  {result.message}")
                if result.fix:
                    click.echo(f"{'':<35}fix: {result.fix}")
    errors = sum(result.status is Status.ERROR for result in results)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode([asdict(result) for result in results]))
    else:
        click.echo(f"errors: {errors}" if errors else "no errors")
    if errors:
        sys.exit(CHECK_FAILED)
