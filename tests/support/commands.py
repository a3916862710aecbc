"""Commands that must succeed."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PATH: Final = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])
"""With the folders of an administrator's programs."""

MAX_OUTPUT: Final = 5_000
"""Characters of what a command said before it failed."""


def run_command(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str | None = None,
) -> str:
    """What it prints. Fails, with its last words, if it does; `given` is its standard input."""
    done = run_unchecked(*command, env=env, cwd=cwd, given=given)
    said = f"{done.stdout[-MAX_OUTPUT:]}{done.stderr[-MAX_OUTPUT:]}"
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {said}"
    return done.stdout


def run_unchecked(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """The same, whether it fails or not."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env or {**os.environ, "PATH": PATH},
        input=given or "",
        capture_output=True,
        text=True,
        check=False,
    )
