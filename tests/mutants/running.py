"""Tests -> what became of them on a copy of the code, in a process of their own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.mutants.mutant import ROOT, TESTS

LIMIT: Final = 900.0
"""Seconds after which tests hang: they have deadlines of their own."""

ENDS_WITHIN: Final = 30.0

FAILED: Final = re.compile(r"^FAILED tests/(.*)$", re.MULTILINE)
"""A test that ran and failed; one that could not be run is an ERROR."""

NO_CODE: Final = ("SyntaxError", "ImportError", "ModuleNotFoundError", "NameError")
"""Failures that say nothing of a guarantee: what took its place does not run."""


class Verdict(StrEnum):
    """What the tests say of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    NONE = "NO VERDICT"


@dataclass(frozen=True)
class Result:
    """What became of the tests; `words` of the failure, if there was one."""

    verdict: Verdict
    seconds: float
    words: str


def copy(to: Path) -> None:
    """The files of this checkout as they are, but for what git ignores."""
    git = shutil.which("git") or "git"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def environment(root: Path, **more: str) -> dict[str, str]:
    """Variables by which a process, and all that it starts, imports the copy and no other code."""
    return {**os.environ, "PYTHONPATH": str(root), **more}


def run(root: Path, tests: Iterable[str], **variables: str) -> Result:
    """Runs tests of the copy up to the first that fails."""
    options = ("-x", "-q", "-p", "no:cacheprovider")
    named = (str(TESTS / each) for each in tests)
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *named],
        cwd=root,
        env=environment(root, COLUMNS="400", **variables),  # a failure is one line
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT)
            verdict, words = _judged(process.returncode, output)
        except subprocess.TimeoutExpired:
            _end(process)
            verdict, words = Verdict.NONE, f"not through within {LIMIT:g} s"
    return Result(verdict, time.monotonic() - began, words)


def _end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)  # its fixtures end what they have started
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=ENDS_WITHIN)
    process.kill()


def _judged(code: int, output: str) -> tuple[Verdict, str]:
    if code == 0:
        return Verdict.SURVIVED, ""
    found = FAILED.search(output)
    if code != 1 or found is None:
        return Verdict.NONE, output.strip().rpartition("\n")[2]
    words = found[1].partition(" - ")[2] or found[1]
    return (Verdict.NONE if words.startswith(NO_CODE) else Verdict.KILLED), words
