"""The second example, a table of several classes: where it is, and a process that has it."""

import subprocess
import sys
from typing import Final

from tests.docs.blocks import ROOT

WITHIN: Final = 800
"""Seconds: less than pytest gives a test, so that what it printed is shown."""

PUMPS: Final = ROOT / "examples" / "pumps" / "schema.toml"


def run(env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python -m` with these arguments, for as long as a test may take."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=WITHIN,
    )
