"""Runs commands of other programs."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PATH: Final = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])
"""PATH with the folders of system administration programs."""

MAX_OUTPUT: Final = 5_000
"""Characters of a failed command's output that are shown."""


def run_command(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str | None = None,
) -> str:
    """Runs a command with `given` as standard input; returns its output. Fails if it fails."""
    done = run_unchecked(*command, env=env, cwd=cwd, given=given)
    output = f"{done.stdout[-MAX_OUTPUT:]}{done.stderr[-MAX_OUTPUT:]}"
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {output}"
    return done.stdout


def run_unchecked(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Runs a command, whether it fails or not."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env or {**os.environ, "PATH": PATH},
        input=given or "",
        capture_output=True,
        text=True,
        check=False,
    )
