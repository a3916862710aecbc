"""Docker's own loader of compose files, built with Go: what `docker compose` would make of ours."""

import json
import os
import shutil
import subprocess
from typing import Any, Final

import pytest

from tests.compose.composed import FOLDER

LOADER: Final = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"


def loaded(**env: str) -> dict[str, Any]:
    """The whole project, profiles too. Without Go the test is skipped, in CI it fails."""
    go = shutil.which("go")
    if go is None:
        reason = f"go is not there, which builds {LOADER}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(
        [go, "run", LOADER, "-format", "json", "-no-path-resolution", "compose.yaml"],
        cwd=FOLDER,
        env={**os.environ, "COMPOSE_PROFILES": "simulate", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
