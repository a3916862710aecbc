"""What a shell starts warm has its streams and variables, its exit code, and its end."""

import os
import subprocess
from pathlib import Path

import psutil

from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import topics
from tests.docs.warm_shell import warm_intent
from tests.support.builders import INTENT, environment, eventually


def programs() -> list[psutil.Process]:
    """Those that this process has started; a script's parent is it too, but its path is its own."""
    every = psutil.Process().children(recursive=True)
    return [each for each in every if INTENT in each.cmdline()]


def test_streams_variables_and_exit_code_are_those_of_the_program(tmp_path: Path) -> None:
    script = tmp_path / "intent"
    with warm_intent(script):
        shell = subprocess.run(
            ["sh", "-c", f"cat | {script} settings | grep INTENT_WINDOW; {script} nonsense"],  # noqa: S607
            env={**os.environ, "INTENT_WINDOW_SECONDS": "77"},
            input="",
            capture_output=True,
            check=False,
            text=True,
        )
    assert "77" in shell.stdout
    assert "nonsense" in shell.stderr
    assert shell.returncode == 2


def test_program_ends_with_its_script(tmp_path: Path, settings: Settings) -> None:
    script = tmp_path / "intent"
    ensure_topics(settings, topics(settings))
    with (
        warm_intent(script),
        subprocess.Popen(
            [script, "consume", "predictions", "--follow"],
            env={**os.environ, **environment(settings)},
        ) as process,
    ):
        eventually(lambda: bool(programs()), deadline=60)
        process.kill()
        process.wait()
        eventually(lambda: not programs(), deadline=60)
