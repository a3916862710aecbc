"""The second example, a table of several classes: where it is, and a process that has it."""

import subprocess
import sys
from typing import Final

from tests.docs.blocks import ROOT

TABLE: Final = ROOT / "examples" / "pumps" / "table.toml"


def run(env: dict[str, str], *arguments: str, within: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=within,
    )
