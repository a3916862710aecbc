"""`python -m deploy.cluster`: prints or applies the topics, ACLs and quotas of the pipeline."""

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
from deploy.cluster import spec, topics, users
from deploy.cluster.acls import AclRule
from deploy.cluster.roles import ROLES, USER
from deploy.cluster.spec import ClusterSpec


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command. Settings, and the admin's login, come from the environment."""
    options = _parser().parse_args(arguments)
    if options.command == "user":
        user = options.users.format(role=options.role)
        set_password(load(Settings), user)
        print(f"set the password of {user}")
        return
    cluster = (
        spec.parse_spec(options.file.read_bytes())
        if options.file
        else spec.default_spec(options.users)
    )
    match options.command:
        case "show":
            for name, user in cluster.users.items():
                print("\n".join([f"{name}:", *(f"  {_format(rule)}" for rule in user.acls)]))
        case "json":
            print(spec.format_spec(cluster))
        case "apply":
            print(apply(load(Settings), cluster))
        case "destroy":
            print(destroy(load(Settings), cluster, with_topics=options.with_topics))


def apply(settings: Settings, cluster: ClusterSpec) -> str:
    """Applies the specification; returns a sentence on what changed."""
    kafka.check_broker(settings)
    created, changed = topics.apply_topics(settings, cluster.topics)
    applied = [users.apply_acls(settings, name, user.acls) for name, user in cluster.users.items()]
    added, removed = (sum(numbers) for numbers in zip(*applied, strict=True))
    limited = _apply_quotas(settings, {name: user.quotas for name, user in cluster.users.items()})
    return (
        f"topics: {created} created, {changed} changed; ACLs: {added} created, {removed} deleted; "
        f"quotas: {limited} changed"
    )


def destroy(settings: Settings, cluster: ClusterSpec, with_topics: bool) -> str:
    """Deletes the users' ACLs and quotas, and with `with_topics` the topics."""
    kafka.check_broker(settings)
    removed = sum(users.apply_acls(settings, name, [])[1] for name in cluster.users)
    _apply_quotas(settings, {name: {} for name, user in cluster.users.items() if user.quotas})
    deleted = topics.delete_topics(settings, cluster.topics) if with_topics else 0
    return f"topics: {deleted} deleted; ACLs: {removed} deleted"


def _apply_quotas(settings: Settings, quotas: dict[str, dict[str, float]]) -> int:
    if not quotas:
        return 0
    from deploy.cluster.quotas import apply_quotas  # noqa: PLC0415  needs the extra `admin`

    return apply_quotas(settings, quotas)


def set_password(settings: Settings, user: str) -> None:
    """Reads the password from a line of standard input. Raises `BadSetting` if it is empty."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadSetting("the password is empty: write it to standard input, on one line")
    kafka.check_broker(settings)
    users.set_password(settings, user, password)


def _format(rule: AclRule) -> str:
    return f"{rule.operation} {rule.resource_type} {rule.name}{'*' if rule.prefixed else ''}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument("--users", default=USER, help=f"user name of a role; default: {USER}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, description in (
        ("show", "print the ACLs of every user"),
        ("json", "print topics, users and ACLs as JSON, for `apply --file` or Terraform"),
        ("apply", "create and update topics; replace the ACLs and quotas of each user"),
        ("destroy", "delete the ACLs of all users"),
    ):
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument(
            "--file", type=Path, help="use this output of `json` instead of the settings"
        )
    commands.choices["destroy"].add_argument(
        "--with-topics", action="store_true", help="also delete the topics and their records"
    )
    user = commands.add_parser("user", help="set the password of a user, read from standard input")
    user.add_argument("role", choices=ROLES)
    return parser


if __name__ == "__main__":
    run_main(main)
