"""`python -m deploy.cluster`: what the pipeline needs on Kafka, told, or made so by an admin."""

import contract.startup  # noqa: F401

# isort: split
import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from contract import kafka
from contract.errors import BadSetting
from contract.process import run_main
from contract.settings import Settings, load
from deploy.cluster import document, rights, topics
from deploy.cluster.document import Document
from deploy.cluster.grants import Grant
from deploy.cluster.roles import ROLES, USER


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command. Settings, and the admin's login, come from the environment."""
    given = _parser().parse_args(arguments)
    if given.command == "user":
        user = given.users.format(role=given.role)
        let_in(load(Settings), user)
        print(f"{user} may log in")
        return
    wish = document.read(given.file.read_bytes()) if given.file else document.default(given.users)
    match given.command:
        case "show":
            for name, each in wish.users.items():
                print("\n".join([f"{name}:", *(f"  {_words(grant)}" for grant in each.grants)]))
        case "json":
            print(document.write(wish))
        case "apply":
            print(apply(load(Settings), wish))
        case "destroy":
            print(destroy(load(Settings), wish, with_topics=given.with_topics))


def apply(settings: Settings, wish: Document) -> str:
    """Makes the cluster what is wished; says what it did."""
    kafka.check_broker(settings)
    made, changed = topics.make(settings, wish.topics)
    given = [rights.give(settings, name, user.grants) for name, user in wish.users.items()]
    added, removed = (sum(numbers) for numbers in zip(*given, strict=True))
    limited = _limit(settings, {name: user.quotas for name, user in wish.users.items()})
    return (
        f"topics: {made} made, {changed} changed; rights: {added} given, {removed} taken away; "
        f"quotas: {limited} changed"
    )


def destroy(settings: Settings, wish: Document, with_topics: bool) -> str:
    """Takes away the users' rights, and the topics too if that is said."""
    kafka.check_broker(settings)
    removed = sum(rights.give(settings, name, [])[1] for name in wish.users)
    _limit(settings, {name: {} for name, user in wish.users.items() if user.quotas})
    deleted = topics.delete(settings, wish.topics) if with_topics else 0
    return f"topics: {deleted} deleted; rights: {removed} taken away"


def _limit(settings: Settings, quotas: dict[str, dict[str, float]]) -> int:
    if not quotas:
        return 0
    from deploy.cluster.quotas import limit  # noqa: PLC0415  it needs the extra `admin`

    return limit(settings, quotas)


def let_in(settings: Settings, user: str) -> None:
    """Reads the user's password from a line of standard input."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadSetting("give the user's password on standard input, in a line")
    kafka.check_broker(settings)
    rights.let_in(settings, user, password)


def _words(grant: Grant) -> str:
    return f"{grant.operation} {grant.kind} {grant.name}{'*' if grant.prefixed else ''}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument(
        "--users", default=USER, help=f"what the user of a role is called; default: {USER}"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("show", "the rights of every user, in words"),
        ("json", "topics, users and rights, to be changed and applied, or for Terraform"),
        ("apply", "make the cluster so: topics, and each user's rights, no more and no less"),
        ("destroy", "take away all of the users' rights"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.add_argument("--file", type=Path, help="what `json` said, instead of the settings")
    commands.choices["destroy"].add_argument(
        "--with-topics", action="store_true", help="delete the topics too, and all that is in them"
    )
    user = commands.add_parser("user", help="let a user log in; the password is read from a line")
    user.add_argument("role", choices=ROLES)
    return parser


if __name__ == "__main__":
    run_main(main)
