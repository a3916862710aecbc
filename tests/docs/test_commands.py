"""Whatever the pages tell people to type does what they say; page by page, from top to bottom."""

import re
from contextlib import suppress
from pathlib import Path

import click
import pytest

from intent.cli.tree import intent
from tests.docs.blocks import ROOT, Block, blocks, commands, in_sentences, of_page, pages
from tests.docs.elsewhere import ELSEWHERE
from tests.docs.reader import Reader
from tests.docs.said import check, is_among, shape
from tests.intent.cli.lines import calls, parse

HERE = [block for block in blocks() if any(command not in ELSEWHERE for command in block.commands)]

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

STANDS_FOR = {
    "COMMAND": "up",
    "PARTITION:OFFSET": "0:1",
    "ID": "a",
    "OFFSET": "1",
    "ROLE": "a",
    "offset N": "offset 1",
}
"""What sentences say, and what a command takes there."""


@pytest.mark.parametrize("block", HERE, ids=lambda block: block.place)
def test_what_a_page_says_can_be_typed(reader: Reader, block: Block) -> None:
    check(block, reader.types([each for each in block.commands if each not in ELSEWHERE]))


@pytest.mark.parametrize("call", in_sentences())
def test_a_command_in_a_sentence_is_one_that_there_is(call: str) -> None:
    for example, own in STANDS_FOR.items():
        call = call.replace(example, own)
    (arguments,) = calls(call)
    with suppress(click.exceptions.Exit, click.MissingParameter):  # asks for help; is a mere name
        parse(intent, arguments)


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_not_typed_here_is_still_on_a_page(command: str) -> None:
    assert any(command in block.commands for block in blocks())


@pytest.mark.parametrize("why", sorted(set(ELSEWHERE.values())))
def test_the_reason_names_what_there_is(why: str) -> None:
    assert all(ROOT.joinpath(path).exists() for path in re.findall(r"tests/[\w./]*\w", why))
    assert targets_in(why) <= TARGETS


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_target_of_make_in_a_sentence_is_one_that_there_is(page: Path) -> None:
    assert targets_in(page.read_text("utf-8")) <= TARGETS


def targets_in(text: str) -> set[str]:
    """What `make` is told to make."""
    calls = re.findall(r"`make ([^`]*)`", text)
    return {word for call in calls for word in call.split() if "=" not in word}


def test_commands_are_found_as_a_shell_takes_them() -> None:
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
    first, last = of_page("page.md", text)
    assert first.place == "page.md:7"
    assert first.commands == (
        "first --with 'a\nline end'",
        "for each in 1 2; do\n  echo $each\ndone",
        "long \\\n  command",
    )
    assert first.output == "what it prints\n"
    assert last == Block("page.md:22", ("last",))


def test_output_is_compared_but_for_its_figures() -> None:
    printed = [shape(line) for line in ("at 12:30", "rows 1,000, of file 06f792e17313, by me", "")]
    assert is_among("at 00:01", printed)
    assert is_among("rows   7, of ..., by me", printed)
    assert is_among("at 00:01 ...", printed)
    assert not is_among("row 7, of ..., by me", printed)
    assert not is_among("at noon", printed)


def test_a_command_that_does_not_end_is_a_fault_of_the_page() -> None:
    with pytest.raises(AssertionError, match="for each"):
        list(commands("for each in 1 2; do"))
