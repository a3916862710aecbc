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
from tests.support.processes import child_processes


def programs() -> set[psutil.Process]:
    """Those of `intent` that this process has started; a script has another path than it."""
    return set(child_processes(os.getpid(), INTENT))


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
    others = programs()
    with (
        warm_intent(script),
        subprocess.Popen(
            [script, "consume", "predictions", "--follow"],
            env={**os.environ, **environment(settings)},
        ) as process,
    ):
        try:
            eventually(lambda: bool(programs() - others), deadline=60)
        finally:
            process.kill()
        eventually(lambda: not programs() - others, deadline=60)
