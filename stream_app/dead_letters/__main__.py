"""`python -m stream_app.dead_letters`: lists, shows and redrives dead letters."""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence

from contract import kafka, process
from contract.errors import DeadLetterReason
from contract.logs import configure_logs
from contract.settings import load
from contract.topics import topics
from stream_app.dead_letters import render
from stream_app.dead_letters.filter import DeadLetterFilter, RecordPosition, count_by_reason
from stream_app.dead_letters.reader import read_dead_letters
from stream_app.dead_letters.redrive import redrive
from stream_app.settings import ScorerSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command. Settings come from the environment, as for a worker."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "redrive" and not (options.all or options.reason or options.at):
        parser.error("select dead letters: --reason, --at or --all")
    selected = DeadLetterFilter(frozenset(options.reason), frozenset(options.at))
    settings = load(ScorerSettings)
    configure_logs("WARNING", settings.log_format)
    if options.command == "redrive":
        result = redrive(settings, selected)
        print(render.render_json(result) if options.json else render.render_result(result))
        return
    kafka.check_broker(settings)
    kafka.ensure_topics(settings, topics(settings))
    dead_letters = read_dead_letters(settings, selected)
    if options.command == "list":
        counts = count_by_reason(dead_letters)
        text = "\n".join(render.render_counts(counts))
        print(render.render_json(counts) if options.json else text)
        return
    for stored in dead_letters:
        text = "\n".join(render.render_dead_letter(stored))
        print(render.render_dead_letter_json(stored) if options.json else text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stream_app.dead_letters", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, description in (
        ("list", "count dead letters by reason"),
        ("show", "print dead letters"),
        ("redrive", "produce their records to the original topics again, each once"),
    ):
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument("--json", action="store_true", help="JSON; for show, one per line")
        filters = command.add_argument_group("filters (default: all; redrive needs at least one)")
        filters.add_argument(
            "--reason",
            action="append",
            default=[],
            choices=[*DeadLetterReason],
            help="with this reason",
        )
        filters.add_argument(
            "--at",
            action="append",
            default=[],
            type=_record_position,
            metavar="PARTITION:OFFSET",
            help="of the record at this position of its topic",
        )
        if name == "redrive":
            filters.add_argument("--all", action="store_true", help="all dead letters")
    return parser


def _record_position(text: str) -> RecordPosition:
    partition, offset = text.split(":")
    return int(partition), int(offset)


if __name__ == "__main__":
    process.run_main(main)
