"""Commands on pages run as shown, page by page."""

import re
from contextlib import suppress
from pathlib import Path

import click
import pytest

from intent.cli.tree import intent
from tests.docs.blocks import ROOT, Block, blocks, blocks_of_page, commands, inline_calls, pages
from tests.docs.expected_output import check, is_printed, without_figures
from tests.docs.reader import Reader
from tests.docs.skipped_commands import SKIPPED
from tests.intent.cli.lines import calls, parse

RUN_BLOCKS = [
    block for block in blocks() if any(command not in SKIPPED for command in block.commands)
]

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

PLACEHOLDERS = {
    "COMMAND": "up",
    "PARTITION:OFFSET": "0:1",
    "ID": "a",
    "OFFSET": "1",
    "ROLE": "a",
    "offset N": "offset 1",
}
"""Placeholders in sentences, with valid values."""


@pytest.mark.parametrize("block", RUN_BLOCKS, ids=lambda block: block.place)
def test_a_block_runs_and_prints_what_its_page_shows(reader: Reader, block: Block) -> None:
    check(block, reader.run([each for each in block.commands if each not in SKIPPED]))


@pytest.mark.parametrize("call", inline_calls())
def test_a_command_in_a_sentence_is_valid(call: str) -> None:
    for example, own in PLACEHOLDERS.items():
        call = call.replace(example, own)
    (arguments,) = calls(call)
    with suppress(click.exceptions.Exit, click.MissingParameter):  # asks for help; is a mere name
        parse(intent, arguments)


@pytest.mark.parametrize("command", SKIPPED)
def test_a_skipped_command_is_still_on_a_page(command: str) -> None:
    assert any(command in block.commands for block in blocks())


@pytest.mark.parametrize("why", sorted(set(SKIPPED.values())))
def test_the_reason_of_a_skipped_command_names_existing_tests(why: str) -> None:
    assert all(ROOT.joinpath(path).exists() for path in re.findall(r"tests/[\w./]*\w", why))
    assert make_targets_in(why) <= TARGETS


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_make_target_in_a_sentence_exists(page: Path) -> None:
    assert make_targets_in(page.read_text("utf-8")) <= TARGETS


def make_targets_in(text: str) -> set[str]:
    """Targets of `make` in a text."""
    calls = re.findall(r"`make ([^`]*)`", text)
    return {word for call in calls for word in call.split() if "=" not in word}


def test_a_block_is_split_into_commands_as_a_shell_does() -> None:
    text = """
Words, and `code`.

1. A list:

   ```sh
   # a comment
   first --with 'a
   line end'   # what it does
   for each in 1 2; do
     echo $each
   done
   long \\
     command
   ```

   ```text
   what it prints
   ```

```sh
last
```

More words.

```json
{"of": "something else"}
```
"""
    first, last = blocks_of_page("page.md", text)
    assert first.place == "page.md:7"
    assert first.commands == (
        "first --with 'a\nline end'",
        "for each in 1 2; do\n  echo $each\ndone",
        "long \\\n  command",
    )
    assert first.output == "what it prints\n"
    assert last == Block("page.md:22", ("last",))


def test_output_is_compared_without_numbers() -> None:
    printed = [
        without_figures(line)
        for line in ("at 12:30", "rows 1,000, of file 06f792e17313, by me", "")
    ]
    assert is_printed("at 00:01", printed)
    assert is_printed("rows   7, of ..., by me", printed)
    assert is_printed("at 00:01 ...", printed)
    assert not is_printed("row 7, of ..., by me", printed)
    assert not is_printed("at noon", printed)


def test_an_incomplete_command_is_an_error() -> None:
    with pytest.raises(AssertionError, match="for each"):
        list(commands("for each in 1 2; do"))
