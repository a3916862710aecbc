"""Lists, shows and redrives dead letters."""

import contract.startup  # noqa: F401

# isort: split
import argparse
from collections.abc import Sequence

from contract import kafka, process
from contract.errors import DeadLetterReason
from contract.logs import configure_logs
from contract.settings import load
from contract.topics import topics
from stream_app.dead_letters import words
from stream_app.dead_letters.filter import Place, Selection, counts
from stream_app.dead_letters.reading import dead_letters
from stream_app.dead_letters.redrive import redrive
from stream_app.settings import ScorerSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command. Settings come from the environment, as for a worker."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command == "redrive" and not (given.all or given.reason or given.at):
        parser.error("say which to redrive: --reason, --at or --all")
    selection = Selection(frozenset(given.reason), frozenset(given.at))
    settings = load(ScorerSettings)
    configure_logs("WARNING", settings.log_format)
    if given.command == "redrive":
        done = redrive(settings, selection)
        print(words.as_json(done) if given.json else words.redriven_in_words(done))
        return
    kafka.check_broker(settings)
    kafka.ensure_topics(settings, topics(settings))
    found = dead_letters(settings, selection)
    if given.command == "list":
        summary = counts(found)
        print(words.as_json(summary) if given.json else "\n".join(words.counts_in_words(summary)))
        return
    for each in found:
        print(words.found_as_json(each) if given.json else "\n".join(words.found_in_words(each)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stream_app.dead_letters", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("list", "how many there are of each reason"),
        ("show", "each of them"),
        ("redrive", "write their records to the topics that they came from, each once"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.add_argument("--json", action="store_true", help="JSON; of show, a line for each")
        chosen = command.add_argument_group("which (without any: all, but redrive wants one)")
        chosen.add_argument(
            "--reason",
            action="append",
            default=[],
            choices=[*DeadLetterReason],
            help="of this reason",
        )
        chosen.add_argument(
            "--at",
            action="append",
            default=[],
            type=_place,
            metavar="PARTITION:OFFSET",
            help="of the record that stands there in its topic",
        )
        if name == "redrive":
            chosen.add_argument("--all", action="store_true", help="all of them")
    return parser


def _place(text: str) -> Place:
    partition, offset = text.split(":")
    return int(partition), int(offset)


if __name__ == "__main__":
    process.run_main(main)
