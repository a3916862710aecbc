"""Commands that must succeed."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PATH: Final = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])
"""With the folders of an administrator's programs."""

TOLD: Final = 5_000
"""Characters of what a command said before it failed."""


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str | None = None,
) -> str:
    """What it prints. Fails, with its last words, if it does; `given` is its standard input."""
    done = ran(*command, env=env, cwd=cwd, given=given)
    said = f"{done.stdout[-TOLD:]}{done.stderr[-TOLD:]}"
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {said}"
    return done.stdout


def ran(
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
