"""`intent doctor`."""

import sys

import click

from intent.cli.command import Command

UNWELL = 1
"""Exit code where a fault was found."""


@click.command(
    cls=Command,
    example="intent doctor\nintent doctor --json | jq '.[] | select(.state == \"fault\")'",
    then="Do what stands behind `fix:` and ask again. All is well if the exit code is 0; it is 1 "
    "if there is a fault.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def doctor(as_json: bool) -> None:
    """Look whether all is in place, and say how to mend it.

    Python and libraries, settings, disks, Java runtime, ports, Kafka, registry, Prefect.
    """
    from dataclasses import asdict

    from intent.cli.progress import working
    from intent.doctor.examine import examine
    from intent.doctor.finding import State

    colours = {State.OK: "green", State.NOTE: "yellow", State.FAULT: "red"}
    found = []
    with working("looking"):
        for finding in examine():
            found.append(finding)
            if not as_json:
                state = click.style(f"{finding.state:<5}", fg=colours[finding.state])
                click.echo(f"{state}  {finding.subject:<24}  {finding.words}")
                if finding.remedy:
                    click.echo(f"{'':<33}fix: {finding.remedy}")
    faults = sum(finding.state is State.FAULT for finding in found)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode([asdict(finding) for finding in found]))
    else:
        click.echo(f"to be mended: {faults}" if faults else "all is well")
    if faults:
        sys.exit(UNWELL)
