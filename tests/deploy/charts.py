"""Helm and the checkers of charts, and what the tests say without them."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

CHART: Final = Path(__file__).parents[2] / "deploy" / "helm" / "intent-stream"
TESTS: Final = Path(__file__).parent / "kubernetes"


@cache
def program(name: str) -> str:
    """The program's path. Without it the test is skipped, in CI it fails; both say what to do."""
    go = Path(os.environ.get("GOBIN") or Path.home() / "go" / "bin")
    found = shutil.which(name) or shutil.which(name, path=str(go))
    if found:
        return found
    reason = f"{name} is not there: make tools"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def helm(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Runs Helm, which asks no cluster."""
    return subprocess.run(
        [program("helm"), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def template(release: str, *options: str | Path) -> "subprocess.CompletedProcess[str]":
    """Renders the chart. A Helm that `go install` built takes Kubernetes for an old one."""
    return helm("template", release, CHART, "--kube-version", "1.34.0", *options)


def rendered(*values: str | Path, sets: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What the chart makes of these files of values."""
    options = [each for file in values for each in ("--values", file)]
    options += [each for pair in sets for each in ("--set", pair)]
    done = template("intent", *options)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]
