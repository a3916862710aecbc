"""Terraform or OpenTofu, whichever is there, and what the tests say without them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "deploy" / "terraform" / "kafka"


def program() -> str:
    """The program's path. Without it the test is skipped, in CI too: Debian has none."""
    found = shutil.which("terraform") or shutil.which("tofu")
    if found:
        return found
    pytest.skip("terraform is not there: install it, or OpenTofu")


def terraform(folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs it in a folder; nothing of it is asked on a terminal or outside this machine."""
    quiet = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    kept = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    return subprocess.run(
        [program(), f"-chdir={folder}", *arguments],
        env={**kept, **quiet, **env},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
