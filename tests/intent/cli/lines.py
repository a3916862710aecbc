"""Lines of a shell in which `intent` is called, read without calling it."""

import shlex
from collections.abc import Iterator
from itertools import groupby

import click


def calls(example: str) -> Iterator[list[str]]:
    """The arguments of every `intent` in the lines of an example."""
    for line in example.splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|>")
        words.whitespace_split = True
        for piped, part in groupby(words, lambda word: word in {"|", ">"}):
            if not piped:
                yield from _call(list(part))


def _call(words: list[str]) -> Iterator[list[str]]:
    while words and "=" in words[0]:  # variables before the command
        words.pop(0)
    if words[:1] == ["intent"]:
        yield words[1:]
    elif words and words[-1].startswith("$("):
        yield from calls(words[-1][2:-1])


def parse(group: click.Group, arguments: list[str]) -> None:
    """Raises `click.UsageError` for what is no call of the group's commands."""
    context = click.Context(group, info_name="intent")
    name, command, rest = group.resolve_command(context, list(arguments))
    assert command is not None
    if isinstance(command, click.Group):
        parse(command, rest)
    else:
        command.make_context(name, rest, parent=context)
