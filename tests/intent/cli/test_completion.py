"""The shell completes commands, options and topics."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from intent.cli.tree import intent
from tests.support.fixtures import Intent


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("intent dead", ["dead-letters"]),
        ("intent dead-letters re", ["redrive"]),
        ("intent consume pred", ["predictions"]),
        (
            "intent simulate --drift-c",
            ["--drift-concept-shift", "--drift-column", "--drift-column-weight"],
        ),
        ("intent produce --to o", ["outcomes"]),
    ],
)
def test_completion_offers_commands_options_and_choices(words: str, offered: list[str]) -> None:
    *before, begun = words.split()[1:]
    completed = BashComplete(intent, {}, "intent", "_INTENT_COMPLETE")
    found = completed.get_completions(before, begun)
    assert [item.value for item in found] == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_prints_a_script_for_the_shell(command: Intent, shell: str) -> None:
    output = command("completion", shell).stdout
    assert f"_INTENT_COMPLETE={shell}_complete" in output


def test_bash_completes_by_that_script() -> None:
    script = (
        'eval "$(intent completion bash)"; COMP_WORDS=(intent prod); COMP_CWORD=1; '
        '_intent_completion intent; echo "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    asked = subprocess.run(
        ["bash", "-c", script],  # noqa: S607  the user's
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": path},
    )
    assert asked.stdout.split() == ["produce"]
