"""Programs that the tests run, as Debian and others install them, and what they say without."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
ALERTMANAGER = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "node": "nodejs",
    "npm": "npm",
    "alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "bwrap": "bubblewrap",
    "dnsmasq": "dnsmasq-base",
    "psql": "postgresql",
}


@cache
def program(name: str) -> str:
    """The program's path. Without it the test is skipped, in CI it fails; both say what to do."""
    debian = "prometheus-alertmanager" if name == "alertmanager" else name
    found = shutil.which(debian) or shutil.which(name)
    if not found:
        package = PACKAGES[name]
        give_up(f"{name} is not installed: apt-get install --no-install-recommends {package}")
    return found


def give_up(reason: str) -> NoReturn:
    """Skips the test; in CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def run(name: str, *arguments: str | Path) -> str:
    """What the program says, if it ends with 0; the test fails with it otherwise."""
    done = subprocess.run(
        [program(name), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
