"""Help teaches, and is there at once."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from intent.cli.command import Command
from intent.cli.commands.dead_letters import dead_letters
from intent.cli.tree import intent
from tests.intent.cli.lines import calls, parse
from tests.support.fixtures import Intent
from tools.commands_page import commands

ALL = [
    pytest.param(command, id=context.command_path)
    for context, command in commands(click.Context(intent, info_name="intent"), intent)
]
LIGHT = {"click", "intent", "contract"}
"""What help may import, beside what comes with Python."""


def test_help_that_cannot_be_written_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", full)
        with pytest.raises(SystemExit) as ended:
            intent.main(["--help"], prog_name="intent")
    assert ended.value.code == 8
    assert capfd.readouterr().err.startswith("error: cannot write to standard output (No space")


def test_help_and_completion_import_click_alone() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from intent.cli.__main__ import main\n"
        "sys.argv = ['intent', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before}, file=sys.stderr)\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    imported = set(asked.stderr.split()) - sys.stdlib_module_names
    assert {"click", "intent"} <= imported
    assert imported <= LIGHT


@pytest.mark.parametrize("shown", ALL)
def test_help_has_an_example_and_next_steps(shown: Command) -> None:
    text = shown.get_help(click.Context(shown, info_name=shown.name, terminal_width=200))
    assert shown.help
    assert f"Example:\n  {shown.example.splitlines()[0]}" in text
    assert f"Next steps:\n  {shown.next_steps[:60]}" in text


@pytest.mark.parametrize("shown", ALL)
def test_every_example_is_a_command_line_that_is_accepted(shown: Command) -> None:
    examples = list(calls(shown.example))
    assert examples
    for arguments in examples:
        parse(intent, arguments)


@pytest.mark.parametrize(
    "text", ["up --recods 5", "consume nothing", "dead-letters redrive --at 1"]
)
def test_invalid_command_lines_do_not_parse(text: str) -> None:
    with pytest.raises(click.UsageError):
        parse(intent, shlex.split(text))


def test_the_list_of_commands_is_whole_on_a_terminal_of_80_columns(command: Intent) -> None:
    output = command("--help", env={"COLUMNS": "80"}).stdout
    assert "  dead-letters  List, show and redrive records that do not match the schema." in output
    assert "..." not in output.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (
            ["prodce"],
            "error: No such command 'prodce'. Did you mean 'produce'?; see `intent --help`",
        ),
        (["produce"], "error: Missing argument 'FILE'; see `intent produce --help`"),
        (["consume", "alert"], "'alert' is none of customers, predictions,"),
        (["consume", "alerts", "--from", "noon"], "--from 'noon' is none of: beginning, end,"),
        (["dead-letters", "show", "--reason", "nope"], "'nope' is not one of 'null_value', 'mal"),
        (["dead-letters", "redrive"], "choose what to redrive: --reason, --at or --all"),
        (["up", "--records"], "error: Option '--records' requires an argument"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_code_2(
    command: Intent, arguments: list[str], output: str
) -> None:
    ended = command(*arguments)
    assert ended.exit_code == 2
    assert output in ended.stderr
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(("arguments", "group"), [([], intent), (["dead-letters"], dead_letters)])
def test_a_group_without_a_command_prints_its_help(
    command: Intent, arguments: list[str], group: click.Group
) -> None:
    ended = command(*arguments)
    assert ended.exit_code == 2
    assert ended.stderr == command(*arguments, "--help").stdout
    assert ended.stderr.count("\n") > len(group.commands)


@pytest.mark.parametrize("arguments", [[], ["dead-letters"], ["consume"], ["dead-letters", "show"]])
def test_help_and_version_have_a_short_option(command: Intent, arguments: list[str]) -> None:
    asked = command(*arguments, "-h")
    assert asked.exit_code == 0
    assert asked.stdout == command(*arguments, "--help").stdout
    assert command("-V").stdout == command("--version").stdout != ""


def test_the_installed_command_is_this_one() -> None:
    program = Path(sys.executable).with_name("intent")
    asked = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert asked.stdout.startswith("intent, version ")
